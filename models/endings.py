"""Whether a recording holds the end of its call: people part with thanks or a goodbye.

Of our 204 labelled calls, readers left the next step unscored in 17 that break off. None of the 17 has
parting words within its last 30 words; of the other 187, 177 have.
"""

import re

from models.call import Transcript

LAST_WORDS = 30

_PARTING = re.compile(
    r"\b(?:(?:good)?bye|cheers|cheerio|farewell|take care|ciao|ta|likewise|all the best|go well|good luck"
    r"|(?:talk|speak|see|catch) (?:to |with )?(?:you|soon|then|ya)|good(?: |-)?night|looking forward"
    r"|have (?:a|an|the rest|your) \w+|enjoy|stay (?:warm|safe|well|dry|cool)|thanks?|thank you|my best)\b",
    re.IGNORECASE,
)


def parting(transcript: Transcript) -> bool:
    """Whether somebody thanks, wishes well or says goodbye within the last 30 words. English only."""
    last: list[str] = []
    for turn in reversed(transcript.turns):
        last = [word.text for word in turn.words[-LAST_WORDS:]] + last
        if len(last) >= LAST_WORDS:
            break
    return _PARTING.search(" ".join(last[-LAST_WORDS:])) is not None
