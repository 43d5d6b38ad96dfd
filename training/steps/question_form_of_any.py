"""Fits `annotators/learned/question_form_of_any.npz`: open or closed, where nobody knows the roles.

Meetings call a question open if it has a question word or an open end, whatever would answer it: all of
MRDA's training meetings, as written and stripped.
"""

from collections.abc import Sequence
from pathlib import Path

from annotators.linear import LinearModel
from annotators.question_form import NAME_OF_ANY, form_cues
from training.corpus_figures import OPEN, is_question
from training.datasets import Act, LabelledCall, UnreadableData, as_transcript, mrda, stripped
from training.fitting import Row, fit_rows
from training.steps.question_examples import heard, of_act


def train(calls: Sequence[LabelledCall], corpora: Path | None) -> LinearModel:  # noqa: ARG001 - every step's
    """The model of meetings; raises UnreadableData without them."""
    if corpora is None:
        raise UnreadableData("the model of questions in meetings learns from MRDA; name it with --corpora")
    rows = [
        row
        for _, acts in sorted(mrda(corpora).items())
        if acts[0].split == "train"
        for row in _of_meeting(acts)
    ]
    facts = {"data": "MRDA, training meetings, as written and stripped", "examples": len(rows)}
    return fit_rows(NAME_OF_ANY, rows, penalty=3.0, most=6_000, facts=facts)


def _of_meeting(acts: Sequence[Act]) -> list[Row]:
    asked = [is_question(act) for act in acts]
    rows: list[Row] = []
    for change in (str, stripped):
        spoken = heard(as_transcript([(act.speaker, change(act.text)) for act in acts]))
        for (turn, place), asks in of_act(spoken, asked):
            if asks:
                one = spoken.turns[turn][place]
                form = "open" if OPEN & acts[turn].labels else "closed"
                rows.append((sorted(form_cues(one.utterance, one.first)), form, 1.0))
    return rows
