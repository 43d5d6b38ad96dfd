"""Calls run through some of the annotators, for the steps to learn from.

The network that reads whole calls keeps silent there: it knows the calls it learned from too well, and what
learns on top of what is found with it would trust it too much.

Tags, most of the time of it, are worked out once a process: nearly every step reads the same calls.
"""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from spacy.tokens import Doc

from annotators import pipeline
from annotators.call_reader import BY_CUES
from annotators.document import build_doc
from models.call import Transcript

_CALLS = 4096  # all of ours and the exchanges, as written and stripped; meetings come and go


def heard(
    transcript: Transcript, components: Iterable[str] = ("utterances",), day: date | None = None
) -> Doc:
    """A transcript tagged and then run through `components`, named as in `annotators.ANNOTATORS`."""
    nlp = pipeline()
    doc = build_doc(nlp, transcript, day)
    doc.user_data[BY_CUES] = True
    for token, tag in zip(doc, _tags(transcript), strict=True):
        token.tag = tag
    for name in components:
        if name != "tags":
            doc = nlp.get_pipe(f"ridealong_{name}")(doc)
    return doc


@lru_cache(maxsize=_CALLS)
def _tags(transcript: Transcript) -> tuple[int, ...]:
    nlp = pipeline()
    doc = nlp.get_pipe("ridealong_tags")(build_doc(nlp, transcript))
    return tuple(token.tag for token in doc)
