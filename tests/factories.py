"""Small builders of the central values, for everybody's tests."""

from collections.abc import Iterable, Mapping

from models.call import AttributeValue, Evidence, Transcript, Turn, Word

SECONDS_A_WORD = 0.4  # 150 words a minute
SECONDS_BETWEEN_TURNS = 0.5


def words(text: str, start: float | None = None, *, probability: float | None = None) -> tuple[Word, ...]:
    """The words of a text, from `start` at an even pace; without times when `start` is None."""
    return tuple(
        Word(
            None if start is None else start + i * SECONDS_A_WORD,
            None if start is None else start + (i + 1) * SECONDS_A_WORD,
            text,
            probability,
        )
        for i, text in enumerate(text.split())
    )


def turn(speaker: str, text: str, start: float | None = None, *, probability: float | None = None) -> Turn:
    """One turn; timed where `start` is given."""
    return Turn(speaker, words(text, start, probability=probability))


def transcript(
    *turns: tuple[str, str], timed: bool = False, gap: float = SECONDS_BETWEEN_TURNS, language: str = "en"
) -> Transcript:
    """A transcript of (speaker, text) pairs; timed ones follow each other with `gap` seconds between."""
    made, clock = [], 0.0
    for speaker, text in turns:
        made.append(turn(speaker, text, clock if timed else None))
        clock += len(text.split()) * SECONDS_A_WORD + gap
    return Transcript(language, clock if timed else None, tuple(made))


def evidence(
    label: str,
    turn: int = 0,
    start: int = 0,
    stop: int = 1,
    *,
    strength: float = 1.0,
    attributes: Mapping[str, AttributeValue] | None = None,
    **more: AttributeValue,
) -> Evidence:
    """Evidence on the words `start` to `stop` of a turn; further keywords are attributes too."""
    return Evidence(label, turn, start, stop, strength, "test", {**(attributes or {}), **more})


def quoted(call: Transcript, item: Evidence) -> str:
    """The words that evidence points at."""
    return " ".join(word.text for word in call.turns[item.turn].words[item.start : item.stop])


def spoken(call: Transcript) -> Iterable[Word]:
    """Every word of a transcript in order."""
    return (word for turn in call.turns for word in turn.words)
