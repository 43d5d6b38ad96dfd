"""Small linear models over named cues: scikit-learn trains them, a dictionary and numpy run them.

A *cue* is a short text that is there or isn't ("^how do you", "before: buyer doubts"). A model is one weight
a cue and class, so each decision can be read off: `explain` lists what spoke for it. Stored without pickle.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from math import exp, fsum
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from models.errors import ModelMissing

FOLDER = Path(__file__).parent / "learned"
Made = TypeVar("Made")
_DERIVED: list[Callable[[], None]] = []


@dataclass(frozen=True, slots=True)
class LinearModel:
    """Multinomial logistic model: log-odds are the sum of the weights of the cues that are there.

    `rows` maps a cue to its row of `weights`, shape (cue, class); `bias` has one entry a class; `facts` is
    what the card says of the model: data, figures, versions.
    """

    name: str
    classes: tuple[str, ...]
    rows: Mapping[str, int]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    facts: Mapping[str, object]
    lead: Mapping[str, float] = field(init=False, repr=False, compare=False)  # second over first

    def __post_init__(self) -> None:
        """Most models have two classes: one number a cue is enough, and four times as fast."""
        gaps = (self.weights[:, 1] - self.weights[:, 0]).tolist() if len(self.classes) == 2 else []
        object.__setattr__(self, "lead", {cue: gaps[row] for cue, row in self.rows.items()} if gaps else {})

    @property
    def size(self) -> str:
        """How large it is, for people."""
        return f"{len(self.rows)} cues, {len(self.classes)} classes"

    def probabilities(self, cues: Iterable[str]) -> dict[str, float]:
        """Probability of each class; cues the model doesn't know, and repeated ones, count for nothing."""
        if self.lead:
            lead = self.lead
            # `fsum` is exact, so that the order of a set's cues doesn't matter. Cues of no weight drop out.
            odds = fsum(filter(None, map(lead.get, set(cues)))) + float(self.bias[1] - self.bias[0])
            second = 1 / (1 + exp(-odds)) if odds > -700 else 0.0
            return {self.classes[0]: 1 - second, self.classes[1]: second}
        sums = self.bias.astype(np.float64)
        known = sorted({row for row in map(self.rows.get, cues) if row is not None})
        if known:
            sums = sums + self.weights[known].sum(axis=0, dtype=np.float64)
        powers = np.exp(sums - sums.max())
        return dict(zip(self.classes, (powers / powers.sum()).tolist(), strict=True))

    def explain(self, cues: Iterable[str], name: str, most: int = 8) -> list[tuple[str, float]]:
        """The cues that spoke most for or against a class, with their weights."""
        column = self.classes.index(name)
        spoke = {cue: float(self.weights[self.rows[cue], column]) for cue in cues if cue in self.rows}
        return sorted(spoke.items(), key=lambda item: -abs(item[1]))[:most]


def save(model: LinearModel, folder: Path = FOLDER) -> Path:
    """Write a model as plain arrays; the same model gives the same bytes."""
    path = folder / f"{model.name}.npz"
    cues = sorted(model.rows, key=model.rows.__getitem__)
    np.savez_compressed(
        path,
        cues=packed("\n".join(cues)),
        classes=packed("\n".join(model.classes)),
        weights=model.weights.astype(np.float16),
        bias=model.bias.astype(np.float32),
        facts=packed(json.dumps(dict(model.facts), sort_keys=True)),
    )
    return path


@lru_cache(maxsize=32)
def load(name: str, folder: Path = FOLDER) -> LinearModel:
    """The model of a name; raises ModelMissing if it is not there or not one of ours."""
    path = folder / f"{name}.npz"
    try:
        with np.load(path, allow_pickle=False) as stored:
            cues = unpacked(stored["cues"]).split("\n")
            return LinearModel(
                name=name,
                classes=tuple(unpacked(stored["classes"]).split("\n")),
                rows={cue: row for row, cue in enumerate(cues)},
                weights=stored["weights"].astype(np.float32),
                bias=stored["bias"],
                facts=json.loads(unpacked(stored["facts"])),
            )
    except (OSError, KeyError, ValueError) as error:
        raise ModelMissing(
            f"The annotators' model {path.name} is missing or broken: install Ridealong again, or run "
            "`ridealong train annotators`."
        ) from error


def derived(function: Callable[[], Made]) -> Callable[[], Made]:
    """Keep what a function makes of a model until `forget`."""
    kept = lru_cache(maxsize=1)(function)
    _DERIVED.append(kept.cache_clear)
    return kept


def forgotten(clear: Callable[[], None]) -> None:
    """Have `forget` call this, too."""
    _DERIVED.append(clear)


def forget() -> None:
    """Drop loaded models and what was made of them: they have been trained anew."""
    load.cache_clear()
    for clear in _DERIVED:
        clear()


def packed(text: str) -> NDArray[np.uint8]:
    """A text as an array, to be stored beside numbers."""
    return np.frombuffer(text.encode("utf-8"), dtype=np.uint8)


def unpacked(stored: NDArray[np.uint8]) -> str:
    """The text of such an array."""
    return stored.tobytes().decode("utf-8")
