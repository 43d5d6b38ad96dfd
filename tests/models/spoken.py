"""Words with times, for tests of who said them."""

from models.call import Word

SECONDS = 0.4


def spoken(text: str, start: float, seconds: float = SECONDS) -> list[Word]:
    """The words of a text said one after the other without a pause."""
    return [
        Word(start + index * seconds, start + (index + 1) * seconds, word, 0.9)
        for index, word in enumerate(text.split())
    ]
