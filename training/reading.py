"""Fits the networks of annotators/reader.py: soft labels, Adam, words left out at random, always one seed.

Numbers of a token are those of its word vector, turned as the task needs it, and what the examples teach
about it; once fitted, the two are one table, so that words no example has are known, too.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from thinc.api import Adam, Embed, Linear, Model, fix_random_seed, zero_init

from annotators.reader import (
    UNKNOWN,
    Batch,
    Floats,
    Integers,
    Network,
    Reader,
    Shape,
    Span,
    allocate,
    arrays_of,
    batch,
    looked_at,
    network,
)
from training.word_vectors import WIDTH, word_vectors

_TOKENS = 500  # that the examples of a piece look at, about
_TOGETHER = 6  # pieces of any talks that make a batch: neighbours are too much alike to learn from at once
_LEFT_OUT = 0.08  # share of tokens that are unknown in a round, so that nothing rests on one word
_DROPOUT = 0.3
_RATE = 2e-3
_EMBEDDING = "embedding"
_WARM = 0.05  # share of the batches in which the rate rises


@dataclass(slots=True)
class Readings:
    """Passages by talk (a call, a meeting), and the examples in it.

    `labels` has a probability for each class, shape (example, class); `strengths`: how much each counts.
    """

    talks: list[list[Sequence[str]]] = field(default_factory=list)
    examples: list[list[Sequence[Span]]] = field(default_factory=list)
    flags: list[list[Sequence[int]]] = field(default_factory=list)
    labels: list[Floats] = field(default_factory=list)
    strengths: list[Floats] = field(default_factory=list)

    def add(
        self,
        passages: Sequence[Sequence[str]],
        examples: Sequence[Sequence[Span]],
        flags: Sequence[Sequence[int]],
        labels: Floats,
        strengths: Floats,
    ) -> None:
        """One talk more; without examples it is left out."""
        if examples:
            self.talks.append(list(passages))
            self.examples.append(list(examples))
            self.flags.append(list(flags))
            self.labels.append(labels)
            self.strengths.append(strengths)


def fit_reader(
    name: str,
    classes: tuple[str, ...],
    readings: Readings,
    *,
    flags: int,
    width: int = 64,
    depth: int = 2,
    rounds: int = 4,
    least: int = 3,
    facts: Mapping[str, object] | None = None,
) -> Reader:
    """A network fitted to readings.

    Args:
        name: of the network.
        classes: in the order of the labels' columns.
        readings: with at least one example.
        flags: how many there are.
        width: numbers a token.
        depth: layers; each sees one more token to either side.
        rounds: how often every example is seen.
        least: passages in which a token is found to be known.
        facts: for the card.
    """
    fix_random_seed(0)
    chance = np.random.default_rng(0)
    rows = _rows(readings, least)
    shape = Shape(len(rows), width, depth, len(readings.examples[0][0]), flags, len(classes))
    model = network(shape, _DROPOUT, _embedding(rows, shape))
    pieces = list(_pieces(readings))
    model.initialize()
    optimizer = Adam(_RATE, L2=0.0, grad_clip=1.0)
    order = [number for _ in range(rounds) for number in chance.permutation(len(pieces)).tolist()]
    batches = [order[start : start + _TOGETHER] for start in range(0, len(order), _TOGETHER)]
    for step, numbers in enumerate(batches):
        given, labels, strengths = _batched(rows, readings, [pieces[one] for one in numbers], shape)
        left = chance.random(len(given.ids)) < _LEFT_OUT
        ids = np.where(left, np.int32(rows[UNKNOWN]), np.asarray(given.ids))
        odds, back = model.begin_update(replace(given, ids=ids))
        back(((_shares(odds) - labels) * strengths[:, None] / len(labels)).astype(np.float32))
        share = step / len(batches)
        optimizer.learn_rate = _RATE * min(share / _WARM, (1 - share) / (1 - _WARM)) + 1e-5
        model.finish_update(optimizer)
    return Reader(name, classes, rows, shape, _settled(model, shape), dict(facts or {}))


def _embedding(rows: Mapping[str, int], shape: Shape) -> Network:
    """A token's numbers while learning: its word vector, turned, and what is learned of it."""
    turned: Network = Linear(shape.width, WIDTH)
    learned: Network = Embed(shape.width, shape.words, column=0, initializer=zero_init)
    return Model(
        _EMBEDDING, _forward, init=allocate, layers=[turned, learned], attrs={"vectors": _vectors(rows)}
    )


def _forward(model: Network, given: Integers, is_train: bool) -> tuple[Floats, Callable[[Floats], Integers]]:
    turned, learned = model.layers
    one, back_one = turned(model.attrs["vectors"][given[:, 0]], is_train)
    other, back_other = learned(given, is_train)

    def back(change: Floats) -> Integers:
        back_one(change)
        back_other(change)
        return given

    return one + other, back


def _vectors(rows: Mapping[str, int]) -> Floats:
    known = word_vectors()
    table = np.zeros((len(rows), WIDTH), dtype=np.float32)
    for token, row in rows.items():
        if token in known:
            table[row] = known[token]
    return table


def _settled(model: Network, shape: Shape) -> Network:
    """The network with one table of numbers by token, and nothing left out at random."""
    made = network(shape)
    inner = next(node for node in model.walk() if node.name == _EMBEDDING)
    table = inner.predict(np.arange(shape.words, dtype=np.int32).reshape(-1, 1))
    learned = {id(node) for node in inner.walk()}
    rest = [node.get_param(key) for node, key in arrays_of(model) if id(node) not in learned]
    for (node, key), value in zip(arrays_of(made), [table, *rest], strict=True):
        node.set_param(key, value)
    return made


def _rows(readings: Readings, least: int) -> dict[str, int]:
    """A row for each token found often enough, and for each that has a vector."""
    counts = Counter(token for talk in readings.talks for passage in talk for token in set(passage))
    known = sorted({token for token, count in counts.items() if count >= least} | set(word_vectors()))
    return {token: row for row, token in enumerate([UNKNOWN, *known])}


Piece = tuple[int, int, int]  # talk, and a half-open range of its examples


def _pieces(readings: Readings) -> Iterator[Piece]:
    """Neighbouring examples of a talk, a few hundred tokens at a time: they look at the same passages."""
    for number, examples in enumerate(readings.examples):
        first, size = 0, 0
        for place, spans in enumerate(examples):
            size += sum(stop - start for _, start, stop in spans)
            if size >= _TOKENS:
                yield number, first, place + 1
                first, size = place + 1, 0
        if first < len(examples):
            yield number, first, len(examples)


def _batched(
    rows: Mapping[str, int], readings: Readings, pieces: Iterable[Piece], shape: Shape
) -> tuple[Batch, Floats, Floats]:
    """Pieces as arrays: only the passages that their examples look at."""
    passages: list[Sequence[str]] = []
    spans: list[list[Span]] = []
    flags: list[Sequence[int]] = []
    parts: list[tuple[Floats, Floats]] = []
    for number, first, last in pieces:
        examples = readings.examples[number][first:last]
        read, own = looked_at(readings.talks[number], examples, len(passages))
        passages += read
        spans += own
        flags += readings.flags[number][first:last]
        parts.append((readings.labels[number][first:last], readings.strengths[number][first:last]))
    labels, strengths = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    return batch(rows, passages, spans, flags, shape), labels, strengths


def _shares(odds: Floats) -> Floats:
    powers = np.exp(odds - odds.max(axis=1, keepdims=True))
    shares: Floats = powers / powers.sum(axis=1, keepdims=True)
    return shares
