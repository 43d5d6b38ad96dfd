"""What each anchor of a framework demands, as features: knowledge that heads are learned from beside scores.

`data/anchors/NAME.toml` holds, for each dimension and score, the features of a call that has just the
must-haves of that score's anchor. Features left out aren't known.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path

from pydantic import ConfigDict, RootModel, ValidationError

from models.framework import VALUES, Dimension, Framework
from models.heads import Head, contributions, draft, latent, probabilities
from training.datasets import DATA, UnreadableData

FOLDER = DATA / "anchors"
Anchors = Mapping[int, Mapping[str, float]]


class _File(RootModel[dict[str, dict[int, dict[str, float]]]]):
    model_config = ConfigDict(allow_inf_nan=False)


def anchors_of(framework: Framework, folder: Path = FOLDER) -> dict[str, Anchors]:
    """The anchors by dimension; none where nobody wrote them down for this framework.

    Somebody's own copy of a framework may have other dimensions and features: anchors that name what it lacks
    are left out. Raises UnreadableData, saying which key and what to do, for a file that can't be read.
    """
    path = folder / f"{framework.id}.toml"
    if not path.is_file():
        return {}
    try:
        found = _File.model_validate(tomllib.loads(path.read_text(encoding="utf-8"))).root
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise UnreadableData(f"{path}: can't be read: {str(error).splitlines()[0]}") from None
    for name, anchors in found.items():
        if odd := sorted(set(anchors) - set(VALUES)):
            raise UnreadableData(f"{path}: [{name}] {odd[0]} is not a score; scores are 1 to 5")
    return {
        dimension.id: found[dimension.id]
        for dimension in framework.dimensions
        if dimension.id in found and _fits(dimension, found[dimension.id])
    }


def _fits(dimension: Dimension, anchors: Anchors) -> bool:
    uses = {use.name for use in dimension.features}
    return uses >= {feature for given in anchors.values() for feature in given}


def missed(head: Head, dimension: Dimension, anchors: Anchors) -> list[int]:
    """Scores whose anchor, met exactly, does not get that score from the head."""
    found = []
    for value, features in sorted(anchors.items()):
        chances = probabilities(head, latent(head, dimension, contributions(head, dimension, features)))
        if draft(chances, head) != value:
            found.append(value)
    return found
