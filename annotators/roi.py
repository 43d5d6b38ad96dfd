"""Component: arithmetic on costs and savings, by either side: runs of figures that are put together.

A small model reads each run of clauses with figures, and what came before it; a run beside a likely one is
likelier itself, as people reckon in turns.
"""

import math
from collections.abc import Iterator, Mapping, Sequence

from spacy.language import Language
from spacy.tokens import Doc

from annotators.document import Finding, layout, record
from annotators.linear import load
from annotators.roi_cues import NEAR, Run, run_cues, runs
from annotators.scoring import SpanScored
from annotators.utterances import by_turn

MODEL = "roi"
IS, IS_NOT = "roi", "other"
LIKELY = 0.25  # reckoning is rare: at a half the model would find a third of it
LIFT = 2.0  # log-odds that a run gains for each unit of chance of the best run near it
USUAL = 0.2  # the chance beside it at which a run gains nothing


@Language.factory("ridealong_roi", assigns=["doc.spans"], requires=["doc._.utterances"])
def create(nlp: Language, name: str) -> "Component":  # noqa: ARG001 - spaCy's signature
    """The component."""
    return Component()


class Component(SpanScored):
    """Writes `doc.spans["roi"]`, a span for each run of a turn."""

    labels = ("roi",)

    def __call__(self, doc: Doc) -> Doc:
        """One walk over the figures of the call; raises ModelMissing without the model."""
        call = layout(doc)
        found = [runs(turn) for turn in by_turn(doc)] if call.has_rep else []
        chances: dict[int, list[float]] = {}
        for number, own in enumerate(found):
            if own:
                model = load(MODEL)
                cues = run_cues(call, found, number)
                chances[number] = [model.probabilities(entry)[IS] for entry in cues]
        record(doc, "roi", reckoned(found, chances))
        return doc


def reckoned(found: Sequence[Sequence[Run]], chances: Mapping[int, Sequence[float]]) -> Iterator[Finding]:
    """The runs that are arithmetic, given each run's chance by turn."""
    best = {number: max(own) for number, own in chances.items()}
    for number, own in chances.items():
        near = max(best.get(number + step, 0.0) for step in range(-NEAR, NEAR + 1) if step)
        for run, chance in zip(found[number], own, strict=True):
            sure = lifted(chance, near)
            if sure >= LIKELY:
                yield Finding(run.turn, *run.words(), min(1.0, 0.4 + sure / 2))


def lifted(chance: float, near: float) -> float:
    """A run's chance, given that of the best run near it."""
    inside = min(max(chance, 1e-6), 1 - 1e-6)
    return 1 / (1 + math.exp(-math.log(inside / (1 - inside)) - LIFT * (near - USUAL)))
