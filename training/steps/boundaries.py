"""Fits `annotators/learned/boundaries.npz`: where an utterance begins among words without punctuation.

Learns from our punctuated calls (ending marks taken away, commas kept or not), from where readers say that
questions begin and end in any call, and from neighbouring dialogue acts of one speaker in AMI, where that is.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from annotators import text
from annotators.boundaries import BEGINS, GOES_ON, NAME, place_cues
from annotators.document import layout, tags_by_word
from annotators.linear import LinearModel
from annotators.scoring import Counts
from annotators.utterances import tokens_of
from models.call import Transcript, Turn, Word
from training.datasets import Act, LabelledCall, ami, stripped, without_punctuation
from training.fitting import fit
from training.heard import heard
from training.marks import Reading

_AMI_SHARE = 4  # one in so many AMI meetings: more of them changes nothing but the time
_AMI_STRENGTH = 0.3
_EDGE_STRENGTH = 1.5  # of where a question begins or ends: it is what cuts are for
THRESHOLD = 0.3


@dataclass(slots=True)
class Places:
    """Examples: cues of a place between two words, whether an utterance begins there, how much it counts."""

    cues: list[list[str]] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    strengths: list[float] = field(default_factory=list)

    def extend(self, other: "Places") -> None:
        """Take another's examples in, too."""
        self.cues.extend(other.cues)
        self.labels.extend(other.labels)
        self.strengths.extend(other.strengths)


def train(calls: Sequence[LabelledCall], corpora: Path | None) -> LinearModel:
    """The model, from the training writers' calls and, where there is a folder of corpora, AMI."""
    by_writer: dict[str, Places] = {}
    for call in calls:
        by_writer.setdefault(call.writer, Places()).extend(_of_call(call))
    meetings = _of_meetings(ami(corpora)) if corpora else Places()
    figures = {
        writer: round(_f1(_fitted([*_others(by_writer, writer), meetings], {}), by_writer[writer]), 3)
        for writer in sorted(by_writer)
        if len(by_writer) > 1
    }
    facts = {
        "data": "training/data" + (", AMI (one meeting in four, IS meetings left out)" if corpora else ""),
        "examples": sum(len(places.labels) for places in (*by_writer.values(), meetings)),
        "boundary F1 by left-out writer": figures,
    }
    return _fitted([*by_writer.values(), meetings], facts)


def _others(by_writer: dict[str, Places], writer: str) -> list[Places]:
    return [places for name, places in by_writer.items() if name != writer]


def _fitted(parts: Iterable[Places], facts: dict[str, object]) -> LinearModel:
    every = Places()
    for part in parts:
        every.extend(part)
    return fit(
        NAME,
        every.cues,
        every.labels,
        strengths=every.strengths,
        penalty=4.0,
        least=4,
        most=20_000,
        facts=facts,
    )


def _f1(model: LinearModel, places: Places) -> float:
    hits = false = missed = 0
    for cues, label in zip(places.cues, places.labels, strict=True):
        found = model.probabilities(cues)[BEGINS] >= THRESHOLD
        hits += found and label == BEGINS
        false += found and label != BEGINS
        missed += not found and label == BEGINS
    return Counts(hits, false, missed).f1


def _of_call(call: LabelledCall) -> Places:
    stops = [
        {place for place, word in enumerate(turn.words) if text.terminal(word.text)}
        for turn in call.transcript.turns
    ]
    places = Places()
    for transcript in (without_punctuation(call.transcript), _without_stops(call.transcript)):
        places.extend(_places(transcript, stops, call.readings, every=call.style == "punctuated"))
    return places


def _of_meetings(meetings: dict[str, list[Act]]) -> Places:
    """Acts of one speaker in a row make a turn; each act's end is a boundary."""
    chosen = [acts for _, acts in sorted(meetings.items()) if acts[0].split == "train"][::_AMI_SHARE]
    places = Places()
    for acts in chosen:
        turns: list[tuple[str, list[str], set[int]]] = []
        for act in acts:
            words = stripped(act.text).split()
            if turns and turns[-1][0] == act.speaker:
                turns[-1][2].add(len(turns[-1][1]) - 1)
                turns[-1][1].extend(words)
            else:
                turns.append((act.speaker, words, set()))
        transcript = Transcript(
            "en", None, tuple(Turn(who, tuple(Word(None, None, w) for w in words)) for who, words, _ in turns)
        )
        found = _places(transcript, [stops for *_, stops in turns], (), every=True)
        found.strengths = [_AMI_STRENGTH] * len(found.labels)
        places.extend(found)
    return places


def _places(
    transcript: Transcript, stops: Sequence[set[int]], readings: Sequence[Reading], *, every: bool
) -> Places:
    """Examples of a transcript; without `every`, only the places that questions tell something of."""
    doc = heard(transcript, ())
    places = Places()
    for number, turn in enumerate(layout(doc).turns):
        tokens = tokens_of(turn.words, tags_by_word(doc, turn), 0, len(turn.words))
        spans = [_questions(reading, number) for reading in readings]
        words, tags = [token.text for token in tokens], [token.tag for token in tokens]
        breaks = [token.breaks for token in tokens]
        for place in range(1, len(tokens)):
            left, right = tokens[place - 1].place, tokens[place].place
            stop = any(left <= word < right for word in stops[number])
            label, strength = _judged([_seen(marks, left, right) for marks in spans], stop=stop, every=every)
            if strength:
                places.cues.append(place_cues(words, tags, breaks, place))
                places.labels.append(label)
                places.strengths.append(strength)
    return places


def _judged(seen: Sequence[str], *, stop: bool, every: bool) -> tuple[str, float]:
    """Whether an utterance begins and how much that counts, 0 where nobody knows."""
    if stop:
        return BEGINS, 1.0
    edges, inside = seen.count("edge"), seen.count("inside")
    if edges or inside:
        return (BEGINS, _EDGE_STRENGTH * edges / len(seen)) if edges >= inside else (GOES_ON, 1.0)
    return GOES_ON, 1.0 if every else 0.0


def _questions(reading: Reading, turn: int) -> list[tuple[int, int]]:
    return [
        (mark.start, mark.stop) for mark in reading.marks if mark.label == "question" and mark.turn == turn
    ]


def _seen(spans: Iterable[tuple[int, int]], left: int, right: int) -> str:
    """Whether a question begins or ends between two words, or goes on there."""
    inside = False
    for start, stop in spans:
        if left < start <= right or left < stop <= right:
            return "edge"
        inside = inside or (start <= left and right < stop)
    return "inside" if inside else ""


_STOPS = re.compile(r"[.?!…]+(?=[\"'”’)]*$)")


def _without_stops(transcript: Transcript) -> Transcript:
    """The same words in lower case, commas kept, ending marks not."""
    return Transcript(
        transcript.language,
        transcript.duration,
        tuple(Turn(turn.speaker, tuple(_bare(turn.words))) for turn in transcript.turns),
    )


def _bare(words: Iterable[Word]) -> Iterator[Word]:
    for word in words:
        yield Word(word.start, word.end, _STOPS.sub("", word.text).lower() or "-", word.probability)
