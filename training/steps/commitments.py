"""What people commit to in meetings: MRDA's commitments (cc) and AMI's offers.

Learns from the meetings that are not held out, stripped of punctuation, as the component mostly sees talk.
Used where nobody is known to be the rep.
"""

import random
from collections.abc import Sequence
from pathlib import Path

import annotators
from annotators.document import build_doc
from annotators.linear import LinearModel
from annotators.step_cues import commitment_cues, places
from annotators.utterances import by_turn
from training.datasets import Act, LabelledCall, UnreadableData, ami, as_transcript, mrda, stripped
from training.fitting import fit

PENALTY, LEAST, MOST = 3.0, 4, 12_000
KEPT = 0.5  # share of acts without a commitment that are learned from
AT_ONCE = 500  # acts tagged together


def _examples(acts: Sequence[Act], label: str, chance: random.Random) -> list[tuple[set[str], str]]:
    texts = [
        (stripped(act.text), "yes" if label in act.labels else "no") for act in acts if act.split == "train"
    ]
    kept = [(text, name) for text, name in texts if text and (name == "yes" or chance.random() < KEPT)]
    nlp = annotators.pipeline()
    found = []
    for begin in range(0, len(kept), AT_ONCE):
        part = kept[begin : begin + AT_ONCE]
        doc = build_doc(nlp, as_transcript([("A", text) for text, _ in part]))
        for name in ("ridealong_tags", "ridealong_utterances"):
            doc = nlp.get_pipe(name)(doc)
        for (_, label_), turn in zip(part, by_turn(doc), strict=True):
            row = places(turn)
            found += [(commitment_cues(place, len(row)), label_) for place in row if place.unit.may_plan]
    return found


def train(calls: Sequence[LabelledCall], corpora: Path | None) -> LinearModel:  # noqa: ARG001 - every step's
    """The model of both corpora; raises UnreadableData without them."""
    if corpora is None:
        raise UnreadableData(
            "the model of commitments learns from MRDA and AMI; name their folder with --corpora"
        )
    chance = random.Random(0)  # noqa: S311 - no secret
    examples = _examples([act for acts in ami(corpora).values() for act in acts], "off", chance)
    examples += _examples([act for acts in mrda(corpora).values() for act in acts], "cc", chance)
    return fit(
        "commitments",
        [cues for cues, _ in examples],
        [label for _, label in examples],
        penalty=PENALTY,
        least=LEAST,
        most=MOST,
        facts={"data": "MRDA (cc) and AMI (off), training meetings, stripped", "examples": len(examples)},
    )
