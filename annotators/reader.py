"""Small convolutional networks that read utterances with what is said around them, beside the linear models.

A linear model knows cues one by one; a network knows words that go together, and words that are used alike.
Each passage (an utterance, or a clause) is read once; an example looks at stretches of what was read: its own
words, the end of what came before, the beginning of what follows. thinc, which spaCy runs on, has the parts.
Stored as plain arrays, without pickle.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from math import exp, log
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray
from thinc.api import (
    Dropout,
    Embed,
    LayerNorm,
    Linear,
    Maxout,
    Model,
    NumpyOps,
    chain,
    expand_window,
    residual,
    with_array,
)
from thinc.types import Ragged

from annotators.linear import FOLDER, forgotten, packed, unpacked
from models.errors import ModelMissing

UNKNOWN = "<unknown>"
_LEAST = 1e-6  # probability that stands for none
_AT_ONCE = 1000  # examples; memory would grow with the call if it were read in one go
Floats = NDArray[np.float32]
Integers = NDArray[np.int32]
Network = Model[Any, Any]  # thinc's own array types don't know numpy's
Span = tuple[int, int, int]  # passage, and a half-open range of its tokens
NOTHING: Span = (0, 0, 0)


@dataclass(frozen=True, slots=True)
class Shape:
    """How large a network is: tokens, numbers a token, layers; an example's stretches and flags; classes."""

    words: int
    width: int
    depth: int
    spans: int
    flags: int
    classes: int


@dataclass(frozen=True, slots=True)
class Batch:
    """Token rows of passages one after the other, their lengths, and the examples that look at them.

    `spans` has rows of `ids` by example, shape (example, stretch, 2), half open, equal where there is none;
    `flags` is 0 or 1 by example and flag.
    """

    ids: Integers
    lengths: Integers
    spans: Integers
    flags: Floats


def batch(
    rows: Mapping[str, int],
    passages: Sequence[Sequence[str]],
    examples: Sequence[Sequence[Span]],
    flags: Sequence[Iterable[int]],
    shape: Shape,
) -> Batch:
    """Passages and examples as arrays; tokens without a row are unknown."""
    unknown = rows[UNKNOWN]
    ids = np.array([rows.get(token, unknown) for passage in passages for token in passage], dtype=np.int32)
    lengths = np.array([len(passage) for passage in passages], dtype=np.int32)
    starts = np.concatenate(([0], np.cumsum(lengths)))
    spans = np.array(
        [[(starts[place] + first, starts[place] + last) for place, first, last in own] for own in examples],
        dtype=np.int32,
    ).reshape(len(examples), shape.spans, 2)
    given = np.zeros((len(examples), shape.flags), dtype=np.float32)
    for number, own in enumerate(flags):
        given[number, list(own)] = 1.0
    return Batch(ids, lengths, spans, given)


def looked_at(
    passages: Sequence[Sequence[str]], examples: Sequence[Sequence[Span]], after: int = 0
) -> tuple[list[Sequence[str]], list[list[Span]]]:
    """The passages that examples look at, and the examples' stretches in these, numbered from `after`."""
    wanted = sorted({place for own in examples for place, first, last in own if last > first}) or [0]
    moved = {place: number for number, place in enumerate(wanted, start=after)}
    spans = [[(moved.get(place, 0), first, last) for place, first, last in own] for own in examples]
    return [passages[place] for place in wanted], spans


def network(shape: Shape, dropout: float = 0.0, embed: Network | None = None) -> Network:
    """The network before training: log-odds of each class by example; `embed` makes numbers of token rows."""
    width = shape.width
    layer: Network = residual(
        chain(
            expand_window(window_size=1),
            with_array(Maxout(width, 3 * width, nP=2, normalize=True, dropout=dropout)),
        )
    )
    first: Network = chain(embed or Embed(width, shape.words, column=0), LayerNorm(width), Dropout(dropout))
    read: Network = chain(with_array(first), *(layer.copy() for _ in range(shape.depth)))
    decide: Network = chain(
        Maxout(width, 2 * width * shape.spans + shape.flags, nP=2, normalize=True, dropout=dropout),
        Linear(shape.classes, width),
    )
    layers = [read, decide]
    return Model("reader", _forward, init=allocate, layers=layers, ops=NumpyOps(), dims={"nO": shape.classes})


def allocate(model: Network, X: object = None, Y: object = None) -> None:  # noqa: ARG001, N803 - thinc's call
    """Give every layer its arrays; their sizes are known beforehand."""
    for layer in model.layers:
        layer.initialize()


def _forward(model: Network, given: Batch, is_train: bool) -> tuple[Floats, Any]:
    read, decide = model.layers
    states, back_read = read(_ragged(given.ids.reshape(-1, 1), given.lengths), is_train)
    pooled, back_pooled = _pool(model.ops, np.asarray(states.dataXd), given.spans)
    odds, back_decide = decide(np.hstack([pooled, given.flags]), is_train)

    def back(change: Floats) -> Batch:
        own = back_decide(change)[:, : pooled.shape[1]]
        back_read(_ragged(back_pooled(np.ascontiguousarray(own)), given.lengths))
        return given

    return odds, back


def _ragged(data: Any, lengths: Any) -> Ragged:
    return Ragged(data, lengths)


def _pool(ops: Any, states: Floats, spans: Integers) -> tuple[Floats, Any]:
    """Mean and maximum of the states of every stretch, side by side; an empty stretch is all zeros."""
    width = states.shape[1]
    sizes = (spans[..., 1] - spans[..., 0]).ravel()
    lengths = np.maximum(sizes, 1).astype(np.int32)
    ends = np.cumsum(lengths)
    firsts = np.where(sizes > 0, spans[..., 0].ravel(), len(states))
    places = np.arange(ends[-1]) - np.repeat(ends - lengths - firsts, lengths)
    rows = np.vstack([states, np.zeros((1, width), dtype=states.dtype)])[places]
    means = ops.reduce_mean(rows, lengths)
    most, which = ops.reduce_max(rows, lengths)
    pooled = np.hstack([means, most]).reshape(len(spans), -1)

    def back(change: Floats) -> Floats:
        parts = np.ascontiguousarray(change.reshape(-1, 2 * width))
        rows_change = ops.backprop_reduce_mean(np.ascontiguousarray(parts[:, :width]), lengths)
        rows_change += ops.backprop_reduce_max(np.ascontiguousarray(parts[:, width:]), which, lengths)
        total = np.zeros((len(states) + 1, width), dtype=np.float32)
        ops.scatter_add(total, places.astype(np.int32), rows_change)
        return total[:-1]

    return pooled, back


@dataclass(frozen=True, slots=True)
class Reader:
    """A trained network: the rows of its tokens, its classes, and what its card says of it."""

    name: str
    classes: tuple[str, ...]
    rows: Mapping[str, int]
    shape: Shape
    model: Network
    facts: Mapping[str, object]

    @property
    def size(self) -> str:
        """How large it is, for people."""
        return f"{len(self.rows)} words, {len(self.classes)} classes"

    def odds(
        self,
        passages: Sequence[Sequence[str]],
        examples: Sequence[Sequence[Span]],
        flags: Sequence[Iterable[int]],
    ) -> Floats:
        """Log-odds, shape (example, class), each row summing to anything: only differences count.

        Rounded, so that what else is read at the same time leaves no trace in the last digits.
        """
        found = [np.zeros((0, len(self.classes)), dtype=np.float32)]
        for first in range(0, len(examples), _AT_ONCE):
            read, spans = looked_at(passages, examples[first : first + _AT_ONCE])
            given = batch(self.rows, read, spans, flags[first : first + _AT_ONCE], self.shape)
            found.append(np.round(np.asarray(self.model.predict(given)), 3))
        return np.concatenate(found)


def both(chance: float, odds: float, share: float = 0.5) -> float:
    """`mixed` for yes or no: a probability of yes, and a network's log-odds of it."""
    return mixed({"yes": chance, "no": 1 - chance}, ("yes", "no"), (odds, 0.0), share)["yes"]


def mixed(
    chances: Mapping[str, float], classes: Sequence[str], odds: Sequence[float], share: float = 0.5
) -> dict[str, float]:
    """Probabilities of which the log-odds are those of `chances` and of a network, `share` of the latter."""
    most = max(odds)
    norm = most + log(sum(exp(value - most) for value in odds))
    sums = {
        name: (1 - share) * log(chances.get(name, 0.0) + _LEAST) + share * (value - norm)
        for name, value in zip(classes, odds, strict=True)
    }
    top = max(sums.values())
    powers = {name: exp(value - top) for name, value in sums.items()}
    total = sum(powers.values())
    return {name: power / total for name, power in powers.items()}


def save(reader: Reader, folder: Path = FOLDER) -> Path:
    """Write a network as plain arrays; the same network gives the same bytes."""
    path = folder / f"{reader.name}.npz"
    arrays: dict[str, Any] = {
        f"p{number}": np.asarray(node.get_param(key)).astype(np.float16)
        for number, (node, key) in enumerate(arrays_of(reader.model))
    }
    # By far the largest of them, and it can do with less.
    arrays["p0"], arrays["scales"] = _bytes(np.asarray(arrays_of(reader.model)[0][0].get_param("E")))
    np.savez_compressed(
        path,
        allow_pickle=False,
        tokens=packed("\n".join(sorted(reader.rows, key=reader.rows.__getitem__))),
        classes=packed("\n".join(reader.classes)),
        shape=packed(json.dumps(asdict(reader.shape))),
        facts=packed(json.dumps(dict(reader.facts), sort_keys=True)),
        **arrays,
    )
    return path


@lru_cache(maxsize=8)
def load(name: str, folder: Path = FOLDER) -> Reader:
    """The network of a name; raises ModelMissing if it is not there or not one of ours."""
    path = folder / f"{name}.npz"
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            shape = Shape(**json.loads(unpacked(stored["shape"])))
            model = network(shape)
            for number, (node, key) in enumerate(arrays_of(model)):
                node.set_param(key, stored[f"p{number}"].astype(np.float32))
            arrays_of(model)[0][0].set_param("E", stored["p0"].astype(np.float32) * stored["scales"])
            return Reader(
                name=name,
                classes=tuple(unpacked(stored["classes"]).split("\n")),
                rows={token: row for row, token in enumerate(unpacked(stored["tokens"]).split("\n"))},
                shape=shape,
                model=model,
                facts=json.loads(unpacked(stored["facts"])),
            )
    except (OSError, EOFError, BadZipFile, KeyError, ValueError, TypeError) as error:
        raise ModelMissing(
            f"The annotators' model {path.name} is missing or broken: install Ridealong again, or run "
            "`ridealong train annotators`."
        ) from error


forgotten(load.cache_clear)


def arrays_of(model: Network) -> list[tuple[Network, str]]:
    """Every array of the network, in the order of its layers; the first is the embedding's."""
    return [(node, key) for node in model.walk(order="dfs_pre") for key in sorted(node.param_names)]


def _bytes(table: Floats) -> tuple[NDArray[np.int8], Floats]:
    """A table as bytes and a scale a row: rows differ in size, and only their shape counts later on."""
    scales = np.maximum(np.abs(table).max(axis=1, keepdims=True), 1e-9) / 127
    return np.round(table / scales).astype(np.int8), scales.astype(np.float32)
