"""Fits `annotators/learned/questions_of_any.npz`: which utterances ask where nobody knows who is the rep.

Two models mixed: one of our calls with the roles taken away, one of meetings (MRDA, AMI). On a corpus that
neither saw, the mixture of their log-odds does better than one model fitted to all at once.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from annotators.asking_models import NAME_OF_ANY
from annotators.asking_reader import ASKS, GOES_ON, OTHER
from annotators.linear import LinearModel
from training.datasets import LabelledCall
from training.fitting import fit
from training.steps.boundaries import Places
from training.steps.question_examples import of_call, of_corpora, of_patterns

CALLS = 0.25  # the share of the calls' model in the mixture
_MOST = 30_000  # cues kept of each model


def train(calls: Sequence[LabelledCall], corpora: Path | None) -> LinearModel:
    """The mixture; the model of the calls alone where there are no corpora."""
    ours = of_patterns()
    for call in calls:
        ours.extend(of_call(call, roles=False))
    of_calls = _fitted(ours, {"data": "training/data", "examples": len(ours.labels)})
    if corpora is None:
        return of_calls
    theirs = of_corpora(corpora)
    return mixed(
        of_calls,
        _fitted(theirs, {}),
        CALLS,
        {
            "data": f"training/data ({CALLS:.0%} of the log-odds), half of MRDA and AMI",
            "examples": len(ours.labels) + len(theirs.labels),
        },
    )


def _fitted(places: Places, facts: dict[str, object]) -> LinearModel:
    return fit(
        NAME_OF_ANY,
        places.cues,
        places.labels,
        strengths=places.strengths,
        penalty=5.0,
        most=_MOST,
        facts=facts,
    )


def mixed(
    of_calls: LinearModel, of_meetings: LinearModel, share: float, facts: dict[str, object]
) -> LinearModel:
    """A model whose log-odds are those of two, `share` of the first and the rest of the second.

    Meetings don't tell "asks" from "goes on": they count for both alike, so the calls decide between them.
    """
    rows = {cue: row for row, cue in enumerate(sorted({*of_calls.rows, *of_meetings.rows}))}
    classes = (ASKS, GOES_ON, OTHER)
    weights = np.zeros((len(rows), len(classes)), dtype=np.float32)
    bias = np.zeros(len(classes), dtype=np.float32)
    for model, part in ((of_calls, share), (of_meetings, 1 - share)):
        places = [rows[cue] for cue in model.rows]
        known = list(model.rows.values())
        other = model.classes.index(OTHER)
        for column, name in enumerate((ASKS, GOES_ON)):
            own = model.classes.index(name if name in model.classes else ASKS)
            weights[places, column] += part * (model.weights[known, own] - model.weights[known, other])
            bias[column] += part * float(model.bias[own] - model.bias[other])
    return LinearModel(of_calls.name, classes, rows, weights, bias, facts)
