"""What is measured on a call: named numbers from its words, their times, and the evidence found in them.

Pure, linear in the length of the call, and never from the sound of a voice. `REGISTRY` says of each
feature its unit, formula and direction; docs/scoring.md prints it.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from models.call import Evidence, Transcript
from models.closing import CLOSING
from models.delivery import DELIVERY
from models.discovery import LEARNING
from models.handling import HANDLING
from models.measure import Feature, view
from models.selling import SELLING

REGISTRY: Mapping[str, Feature] = MappingProxyType({**LEARNING, **SELLING, **HANDLING, **CLOSING, **DELIVERY})


def features(transcript: Transcript, evidence: Sequence[Evidence]) -> dict[str, float | None]:
    """Every feature of the registry by name; None where it can't be known for this call.

    Evidence that points at no turn of the transcript is passed over.
    """
    call = view(transcript, evidence)
    return {name: feature.of(call) for name, feature in REGISTRY.items()}


def supporting(transcript: Transcript, evidence: Sequence[Evidence]) -> dict[str, tuple[int, ...]]:
    """The positions in `evidence` that each feature rests on, in the order of the call."""
    call = view(transcript, evidence)
    return {
        name: tuple(sorted({position for pick in feature.picks for position, _ in pick.of(call)}))
        for name, feature in REGISTRY.items()
    }


def describe() -> str:
    """The registry as a Markdown table."""
    arrows = {1: "more is better", -1: "less is better", 0: "depends"}
    rows = [
        f"| `{f.name}` | {f.unit} | {f.summary} | {f.formula} | {arrows[f.direction]} |"
        for f in REGISTRY.values()
    ]
    head = ["| feature | unit | what | formula | direction |", "|---|---|---|---|---|"]
    return "\n".join([*head, *rows]) + "\n"
