"""Component: arithmetic on costs and savings, by either side: runs of figures that are put together.

A small model reads each run of clauses with figures, and what was said around it; the network that reads the
whole call has a say.
"""

from collections.abc import Iterator, Mapping, Sequence

from spacy.language import Language
from spacy.tokens import Doc

from annotators.call_reader import Read, call_read
from annotators.document import Finding, layout, record
from annotators.linear import load
from annotators.reader import both
from annotators.roi_cues import Run, run_cues, runs
from annotators.scoring import SpanScored
from annotators.utterances import by_turn

MODEL = "roi"
IS, IS_NOT = "roi", "other"
LIKELY = 0.25  # reckoning is rare: at a half the model would find a third of it
READ = 0.5  # share of the network in the log-odds


@Language.factory("ridealong_roi", assigns=["doc.spans"], requires=["doc._.utterances"])
def create(nlp: Language, name: str) -> "Component":  # noqa: ARG001 - spaCy's signature
    """The component."""
    return Component()


class Component(SpanScored):
    """Writes `doc.spans["roi"]`, a span for each run of a turn."""

    labels = ("roi",)

    def __call__(self, doc: Doc) -> Doc:
        """One walk over the figures of the call; raises ModelMissing without the model."""
        call, read = layout(doc), call_read(doc)
        found = [runs(turn) for turn in by_turn(doc)] if call.has_rep else []
        model = load(MODEL)
        chances = {
            number: [
                _chance(run, read, model.probabilities(cues)[IS])
                for run, cues in zip(own, run_cues(call, found, number), strict=True)
            ]
            for number, own in enumerate(found)
            if own
        }
        record(doc, "roi", reckoned(found, chances))
        return doc


def _chance(run: Run, read: Read, chance: float) -> float:
    return chance if read.silent else both(chance, read.most("roi", run.turn, *run.words(), "no"), READ)


def reckoned(found: Sequence[Sequence[Run]], chances: Mapping[int, Sequence[float]]) -> Iterator[Finding]:
    """The runs that are arithmetic, given each run's chance by turn."""
    for number, own in chances.items():
        for run, chance in zip(found[number], own, strict=True):
            if chance >= LIKELY:
                yield Finding(run.turn, *run.words(), min(1.0, 0.4 + chance / 2))
