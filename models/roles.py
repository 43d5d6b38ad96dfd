"""Which speaker is the rep: because somebody says so, because the labels do, or by what is said."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain
from math import exp, log, log2
from pathlib import Path
from typing import Literal

from pydantic import ConfigDict

from models.call import BUYER, REP, RepChoice, Transcript
from models.errors import CallError
from models.tables import read_table

DATA = Path(__file__).with_name("roles.toml")

FEW_WORDS = 20  # added to both sides, so that a few words more are no lead
MOST = 3  # times a cue counts; a long call isn't a surer one
BY_LABEL = 0.99  # a label can be wrong too
FEWEST_PRONOUNS = 8  # fewer say nothing about who is being asked about

_STRICT = ConfigDict(extra="forbid", allow_inf_nan=False)
_FILLER = re.compile(r"\b(?:um+|uh+|er+|erm|hmm+|you know)\b ?")
_YOU = re.compile(r"\byou(?:r|rs|re|ve|d|ll)?\b")
_US = re.compile(r"\b(?:we(?:re|ve|d|ll)?|our|ours|us|my|mine)\b")


@dataclass(frozen=True, slots=True)
class Cue:
    """A way of speaking that tells which side somebody is on, with examples of what it is and isn't."""

    __pydantic_config__ = _STRICT
    name: str
    side: Literal["rep", "buyer"]
    weight: float
    patterns: tuple[str, ...]
    say: tuple[str, ...]
    unlike: tuple[str, ...] = ()

    def times(self, text: str) -> int:
        """How often it is said in prepared text, `MOST` at most."""
        found = _compiled(self.patterns).finditer(text)
        return sum(1 for _ in zip(range(MOST), found, strict=False))


@dataclass(frozen=True, slots=True)
class Labels:
    """Speaker labels that say the role outright."""

    __pydantic_config__ = _STRICT
    rep: tuple[str, ...]
    other: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Balance:
    """Weights of how the talk is shared out."""

    __pydantic_config__ = _STRICT
    words: float
    you: float
    first: float


@dataclass(frozen=True, slots=True)
class Roles:
    """Everything that roles are inferred from."""

    __pydantic_config__ = _STRICT
    floor: float
    sharpness: float
    slip: float
    alone: float
    labels: Labels
    balance: Balance
    cues: tuple[Cue, ...]


@cache
def load_roles() -> tuple[Roles, str]:
    """The shipped cues and their version."""
    return read_table(DATA, Roles, CallError)


def choose_rep(transcript: Transcript, *, option: str | None = None) -> RepChoice:
    """Say which speaker is the rep, and how sure that is.

    `option` is a speaker label given by the user, and final. Otherwise labels such as "agent" decide, and
    where they don't, what is said. The confidence is the probability that the choice is right; `sure` is
    false below the floor in roles.toml.

    Raises:
        CallError: nobody of the name `option` speaks, or the transcript has no speaker at all.
    """
    speakers = transcript.speakers
    if not speakers:
        raise CallError("The transcript has no speakers; there is nobody to take for the rep.")
    if option is not None:
        if option not in speakers:
            raise CallError(f"No speaker is called {option!r}; choose one of {', '.join(speakers)}.")
        return RepChoice(option, 1.0, "option", sure=True)
    roles, _ = load_roles()
    if labelled := _by_label(transcript, roles.labels):
        return RepChoice(labelled, BY_LABEL, "label", sure=True)
    return _by_words(transcript, roles)


def assign_roles(transcript: Transcript, choice: RepChoice) -> Transcript:
    """The transcript with speakers called `rep`, `buyer`, `buyer 2` ..., buyers by how much they say."""
    words = _words_said(transcript)
    others = sorted(
        (speaker for speaker in transcript.speakers if speaker != choice.speaker), key=lambda s: -words[s]
    )
    names = {choice.speaker: REP}
    names |= {speaker: BUYER if i == 0 else f"{BUYER} {i + 1}" for i, speaker in enumerate(others)}
    turns = tuple(replace(turn, speaker=names[turn.speaker]) for turn in transcript.turns)
    return replace(transcript, turns=turns)


def prepared(text: str) -> str:
    """Text as cues expect it: lower case, no apostrophes, no other punctuation, no fillers."""
    plain = re.sub(r"['’ʼ]", "", text.lower())
    plain = re.sub(r"[^\w|]+", " ", plain)
    return _FILLER.sub("", plain).strip()


@cache
def _compiled(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(patterns)})(?!\w)")


def _words_said(transcript: Transcript) -> dict[str, int]:
    words = dict.fromkeys(transcript.speakers, 0)
    for turn in transcript.turns:
        words[turn.speaker] += len(turn.words)
    return words


def _by_label(transcript: Transcript, labels: Labels) -> str | None:
    """The speaker whose label says rep, or the only one whose label doesn't say otherwise."""
    words = _words_said(transcript)
    plain = {speaker: re.sub(r"\W*\d*\W*$", "", speaker.strip().lower()) for speaker in words}
    reps = [speaker for speaker in words if plain[speaker] in labels.rep]
    unsaid = [speaker for speaker in words if plain[speaker] not in labels.other]
    if reps:
        return max(reps, key=lambda speaker: words[speaker])
    return unsaid[0] if len(unsaid) == 1 and len(words) > 1 else None


def _by_words(transcript: Transcript, roles: Roles) -> RepChoice:
    said = _said(transcript)
    words = _words_said(transcript)
    scores = {speaker: _score(speaker, said, words, roles) for speaker in said}
    speaker = max(scores, key=lambda s: scores[s])
    chances = _softmax([roles.sharpness * score for score in _against(scores, speaker, roles)])
    confidence = round(roles.slip + (1 - 2 * roles.slip) * chances[0], 3)
    return RepChoice(speaker, confidence, "words", sure=confidence >= roles.floor)


def _said(transcript: Transcript) -> dict[str, str]:
    """Prepared text by speaker, in order of first appearance; a bar stands between turns."""
    texts: dict[str, list[str]] = {speaker: [] for speaker in transcript.speakers}
    for turn in transcript.turns:
        texts[turn.speaker].append(prepared(turn.text))
    return {speaker: "| " + " | ".join(filter(None, parts)) for speaker, parts in texts.items()}


def _score(speaker: str, said: Mapping[str, str], words: Mapping[str, int], roles: Roles) -> float:
    signs = {REP: 1, BUYER: -1}
    cues = sum(signs[cue.side] * cue.weight * log2(1 + cue.times(said[speaker])) for cue in roles.cues)
    others = [count for name, count in words.items() if name != speaker]
    share = log((FEW_WORDS + words[speaker]) / (FEW_WORDS + max(others))) if others else 0.0
    first = next(iter(said)) == speaker and len(said) > 1
    return (
        cues
        + roles.balance.words * max(-1.5, min(1.5, share))
        + roles.balance.you * _you_lead(said[speaker])
        + roles.balance.first * first
    )


def _you_lead(text: str) -> float:
    """How far "you" leads over "we" in 10 pronouns, -5 to 5; 0 for a few."""
    you, us = len(_YOU.findall(text)), len(_US.findall(text))
    return 10 * you / (you + us) - 5 if you + us >= FEWEST_PRONOUNS else 0.0


def _against(scores: Mapping[str, float], speaker: str, roles: Roles) -> Sequence[float]:
    """The chosen speaker's score and those to beat: the others', or nobody's where one speaks alone."""
    if len(scores) == 1:
        return [roles.alone + scores[speaker], 0.0]
    return list(chain([scores[speaker]], (score for name, score in scores.items() if name != speaker)))


def _softmax(values: Sequence[float]) -> list[float]:
    top = max(values)
    powers = [exp(value - top) for value in values]
    return [power / sum(powers) for power in powers]
