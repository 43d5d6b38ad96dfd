"""Examples for the model of questions: utterances of our calls and of meetings, each with what it is.

An utterance *asks*, *goes on* asking what the one before it began to, or is *other*.
"""

import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from annotators.asking import Said, asking_cues, said
from annotators.asking_reader import ASKS, GOES_ON, OTHER
from annotators.document import layout
from annotators.matching import FOLDER
from annotators.utterances import Utterance, by_turn
from models.call import BUYER, REP, Transcript
from training.corpus_figures import elicits, is_question
from training.datasets import LabelledCall, ami, as_transcript, mrda, stripped, without_punctuation
from training.heard import heard as run
from training.marks import Mark
from training.steps.boundaries import Places

# One in so many meetings of a corpus, as more change little but the time; each example's strength: what AMI
# calls eliciting is labelled less evenly.
_MRDA_SHARE, _MRDA_STRENGTH = 2, 1.0
_AMI_SHARE, _AMI_STRENGTH = 2, 0.5
_PATTERN_STRENGTH = 3.0
_HALF = 0.5


def of_call(call: LabelledCall, *, roles: bool = True) -> Places:
    """Examples of a call as written and stripped; each reader counts for half.

    Without `roles`, nobody knows who is the rep.
    """
    places = Places()
    for spoken, judged in judged_calls(call):
        call_heard = spoken if roles else replace(spoken, rep=None)
        for (turn, place), votes in judged.items():
            cues = sorted(asking_cues(call_heard, turn, place))
            for label in sorted(set(votes)):
                places.cues.append(cues)
                places.labels.append(label)
                places.strengths.append(votes.count(label) / len(votes))
    return places


def judged_calls(call: LabelledCall) -> Iterator[tuple[Said, dict[tuple[int, int], list[str]]]]:
    """A call as written and stripped, with what each reader says of each utterance, by turn and place."""
    for transcript in (call.transcript, without_punctuation(call.transcript)):
        spoken = heard(transcript)
        judged: dict[tuple[int, int], list[str]] = {}
        for turn, said_there in enumerate(spoken.turns):
            utterances = [one.utterance for one in said_there]
            readings = [
                _labels(utterances, [m for m in reading.marks if m.label == "question" and m.turn == turn])
                for reading in call.readings
            ]
            for place in range(len(utterances)):
                judged[turn, place] = [labels[place] for labels in readings]
        yield spoken, judged


def of_corpora(corpora: Path) -> Places:
    """Examples of half the training meetings of MRDA and of AMI, as written and stripped."""
    places = Places()
    for meetings, asks, share, strength in (
        (mrda(corpora), is_question, _MRDA_SHARE, _MRDA_STRENGTH),
        (ami(corpora), elicits, _AMI_SHARE, _AMI_STRENGTH),
    ):
        chosen = [acts for _, acts in sorted(meetings.items()) if acts[0].split == "train"]
        for acts in chosen[::share]:
            for change in (str, stripped):
                spoken = heard(as_transcript([(act.speaker, change(act.text)) for act in acts]))
                places.extend(_of_acts(spoken, [asks(act) for act in acts], strength))
    return places


def of_patterns() -> Places:
    """The examples in the annotators' pattern file: short, and right beyond doubt."""
    places = Places()
    for spoken, form in pattern_examples():
        for place in range(len(spoken.turns[0])):
            last = form and place == len(spoken.turns[0]) - 1
            places.cues.append(sorted(asking_cues(spoken, 0, place)))
            places.labels.append(ASKS if last else OTHER)
            places.strengths.append(_PATTERN_STRENGTH)
    return places


def pattern_examples() -> Iterator[tuple[Said, str]]:
    """Each example as a call of one turn, with its form as a question; nothing for what is none."""
    table = tomllib.loads((FOLDER / "questions.toml").read_text(encoding="utf-8"))
    for example in (*table["positive"], *table["negative"]):
        speaker = example.get("speaker", REP)
        other = BUYER if speaker == REP else REP
        lines = [(speaker, example["text"]), (other, "Hm."), (speaker, "Hm.")]
        yield heard(as_transcript(lines)), str(example.get("attributes", {}).get("form", ""))


def heard(transcript: Transcript) -> Said:
    """A transcript cut into utterances, each judged by the rules."""
    doc = run(transcript)
    return said(by_turn(doc), layout(doc))


def _of_acts(spoken: Said, asked: Sequence[bool], strength: float) -> Places:
    places = Places()
    for (turn, place), asks in of_act(spoken, asked):
        places.cues.append(sorted(asking_cues(spoken, turn, place)))
        places.labels.append(ASKS if asks else OTHER)
        places.strengths.append(strength)
    return places


def of_act(spoken: Said, asked: Sequence[bool]) -> Iterator[tuple[tuple[int, int], bool]]:
    """Turn and place of utterances, and whether they ask.

    An act that asks is taken to do so at its end; what else it says is left out.
    """
    for turn, asks in enumerate(asked):
        utterances = range(len(spoken.turns[turn]))
        for place in utterances[-1:] if asks else utterances:
            yield (turn, place), asks


def _labels(utterances: Sequence[Utterance], marks: Iterable[Mark]) -> list[str]:
    """What each utterance of a turn is, by the questions that a reader marked in it."""
    labels = [OTHER] * len(utterances)
    if not utterances:
        return labels
    for mark in sorted(marks, key=lambda mark: mark.start):
        for number, place in enumerate(lies_under(utterances, mark)):
            if labels[place] != ASKS:
                labels[place] = GOES_ON if number else ASKS
    return labels


def lies_under(utterances: Sequence[Utterance], mark: Mark) -> Iterator[int]:
    """The utterances that lie mostly in a mark, or that hold most of it; at least one."""
    shared = [min(u.stop, mark.stop) - max(u.start, mark.start) for u in utterances]
    most = [
        place
        for place, words in enumerate(shared)
        if words >= _HALF * min(utterances[place].stop - utterances[place].start, mark.stop - mark.start)
    ]
    yield from most or [shared.index(max(shared))]
