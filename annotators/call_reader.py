"""What a transformer says of each word of a call whose rep is known, having read what is said around it.

Linear models of cues see an utterance and its neighbours as bags of phrases. This network, the first layers
of a small BERT taught further on marked calls (training/steps/call_reader.py), reads the call as it was
said, in windows that overlap, and says of every word what it is part of. Annotators mix that with what their
own models say (`Read.mixed`). CTranslate2, which recognises speech here, runs it in bytes on one core.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from math import expm1, fsum, log
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import ctranslate2
import numpy as np
from numpy.typing import NDArray
from spacy.tokens import Doc

from annotators.call_pieces import HEAD, UNKNOWN, Cutter, window_ids, windows
from annotators.document import Layout, layout
from annotators.linear import FOLDER, forgotten, packed, unpacked
from annotators.reader import mixed
from models.errors import ModelMissing

NAME = "call_reader"
BY_CUES = "ridealong_by_cues"  # in `doc.user_data`: nothing is to be read
_KEPT = "ridealong_call_read"
# The tasks that annotators ask for; the others are there for learning's sake.
ASKED = frozenset({
    "objection", "response", "status", "step", "step_begins", "owner", "vague", "dated", "talk",
    "question", "form", "topic", "probing", "impact", "agenda", "recap", "stakeholder", "trial_close", "roi",
})  # fmt: skip
EPSILON = 1e-12  # of its layers' norms
_HOPELESS = -0.0025  # log-chance of "none": the other log-odds, -6, are made up for by near certainty alone
SHORTEST = 200  # words of a call
_TOGETHER = 2  # windows a batch: more are no faster
Floats = NDArray[np.float32]


def columns(tasks: Mapping[str, Sequence[str]]) -> dict[str, slice]:
    """Where the classes of each task are, side by side in the tasks' order."""
    ends = list(accumulate(len(classes) for classes in tasks.values()))
    return {task: slice(end - len(tasks[task]), end) for task, end in zip(tasks, ends, strict=True)}


class Read:
    """Log-chances of the classes of each task, by word; `silent` where there is nothing to say."""

    def __init__(self, tasks: Mapping[str, Sequence[str]], firsts: Sequence[int], chances: Floats) -> None:
        """`firsts` has the number of the first word of each turn, `chances` all tasks side by side."""
        self._firsts, self._chances = firsts, chances
        self._lists: dict[int, list[float]] = {}  # by column: for a few words lists are faster
        self._sums: dict[int, list[float]] = {}  # by column, of all words before one
        self._columns = {
            task: dict(zip(tasks[task], range(own.start, own.stop), strict=True))
            for task, own in columns(tasks).items()
        }

    @property
    def silent(self) -> bool:
        """Whether nothing was read."""
        return not self._firsts

    def chances(self, task: str, turn: int, start: int, stop: int, classes: Sequence[str]) -> list[float]:
        """Log-chances of classes for a half-open range of words of a turn: the mean of its words'."""
        own = self._columns[task]
        return [self._mean(own[name], turn, start, stop) for name in classes]

    def _mean(self, column: int, turn: int, start: int, stop: int) -> float:
        sums = self._sums.get(column)
        if sums is None:
            sums = self._sums[column] = [0.0, *np.cumsum(self._chances[:, column], dtype=np.float64).tolist()]
        first = self._firsts[turn] + start
        last = min(max(first + 1, first + stop - start), len(sums) - 1)
        return (sums[last] - sums[first]) / max(1, last - first)

    def _list(self, column: int) -> list[float]:
        found = self._lists.get(column)
        if found is None:
            found = self._lists[column] = self._chances[:, column].tolist()
        return found

    def most(self, task: str, turn: int, start: int, stop: int, none: str) -> float:
        """Log-odds that the words are part of anything but `none`, by the half of them that most are."""
        first = self._firsts[turn]
        rows = sorted(self._list(self._columns[task][none])[first + start : first + max(stop, start + 1)])
        half = rows[: max(1, len(rows) // 2)]
        least = fsum(half) / max(1, len(half))
        return log(-expm1(min(least, -1e-6))) - least

    def rules_out(self, task: str, words: tuple[int, int, int], none: str) -> bool:
        """Whether the words (turn, start, stop) are so surely `none` that nothing else need be asked."""
        return not self.silent and self._mean(self._columns[task][none], *words) > _HOPELESS

    def mixed(
        self, task: str, words: tuple[int, int, int], chances: Mapping[str, float], share: float
    ) -> Mapping[str, float]:
        """Probabilities of a linear model and of this network for the words (turn, start, stop).

        `share` is the network's in the log-odds; the classes are those of `chances`.
        """
        if self.silent:
            return chances
        classes = tuple(chances)
        return mixed(chances, classes, self.chances(task, *words, classes), share)


SILENT = Read({}, [], np.zeros((0, 0), dtype=np.float32))


@dataclass(frozen=True, slots=True)
class CallReader:
    """A trained network: an encoder of CTranslate2, and a layer that makes chances of its numbers.

    `tasks` has the classes of each task, side by side in `heads`, shape (number, class), and `bias`;
    `vocabulary` the pieces in order; `encoder` the encoder's file; `facts` is for its card.
    """

    tasks: Mapping[str, tuple[str, ...]]
    vocabulary: tuple[str, ...]
    encoder: bytes
    heads: Floats
    bias: Floats
    facts: Mapping[str, object]
    name: str = NAME

    @property
    def size(self) -> str:
        """How large it is, for people."""
        return f"{len(self.vocabulary)} pieces of words, {len(self.tasks)} tasks"


def encoder(reader: CallReader) -> ctranslate2.Encoder:
    """A network's encoder, ready to run in bytes on one core."""
    files = {
        "model.bin": reader.encoder,
        "config.json": json.dumps(
            {
                "unk_token": reader.vocabulary[UNKNOWN],
                "bos_token": "",
                "eos_token": "",
                "layer_norm_epsilon": EPSILON,
            }
        ),
        "vocabulary.json": json.dumps(reader.vocabulary),
    }
    return ctranslate2.Encoder(
        reader.name,
        compute_type="int8",
        intra_threads=1,
        files={name: text.encode() if isinstance(text, str) else text for name, text in files.items()},
    )


class Running:
    """A network in memory, less the tasks that nobody asks it for."""

    def __init__(self, reader: CallReader) -> None:
        asked = {task: classes for task, classes in reader.tasks.items() if task in ASKED}
        self.tasks = asked or reader.tasks
        self.heads, self.bias = _heads(reader, self.tasks)
        self.cutter = Cutter(reader.vocabulary)
        self._encoder = encoder(reader)

    def read(self, call: Layout) -> Read:
        """Read a call."""
        pieces = self.cutter.pieces(call)
        count = sum(len(turn.words) for turn in call.turns)
        chances = np.zeros((count, len(self.bias)), dtype=np.float32)
        every = list(windows(len(pieces.ids)))
        for first in range(0, len(every), _TOGETHER):
            some = every[first : first + _TOGETHER]
            given = [window_ids(pieces, *window[:2]).tolist() for window in some]
            states = np.array(self._encoder.forward_batch(given).last_hidden_state)
            for own, (start, _, begin, end) in zip(states, some, strict=True):
                words = pieces.words[begin:end]
                there = np.flatnonzero(words >= 0)
                rows = own[HEAD + begin - start + there]
                chances[words[there]] = rows @ self.heads + self.bias
        for column in columns(self.tasks).values():
            own = chances[:, column]
            own -= own.max(axis=1, keepdims=True)
            own -= np.log(np.exp(own).sum(axis=1, keepdims=True))
        firsts = np.cumsum([0, *(len(turn.words) for turn in call.turns)])[:-1].tolist()
        # Rounded, so that the last digits of one processor or another decide nothing.
        return Read(self.tasks, firsts, np.round(chances, 3))


def _heads(reader: CallReader, tasks: Mapping[str, Sequence[str]]) -> tuple[Floats, Floats]:
    kept = np.concatenate([np.r_[own] for task, own in columns(reader.tasks).items() if task in tasks])
    return np.ascontiguousarray(reader.heads[:, kept]), reader.bias[kept]


def call_read(doc: Doc) -> Read:
    """What the network says of a call, worked out once a Doc.

    Silent where no speaker is the rep, and on a few words: it has learned from whole calls alone.

    Raises ModelMissing.
    """
    kept: Read | None = doc.user_data.get(_KEPT)
    if kept is None:
        call = layout(doc)
        words = sum(len(turn.words) for turn in call.turns)
        quiet = doc.user_data.get(BY_CUES) or not call.has_rep or words < SHORTEST
        kept = SILENT if quiet else _running().read(call)
        doc.user_data[_KEPT] = kept
    return kept


def save(reader: CallReader, folder: Path = FOLDER) -> Path:
    """Write a network as plain arrays and the encoder's file as bytes."""
    path = folder / f"{reader.name}.npz"
    np.savez_compressed(
        path,
        allow_pickle=False,
        tasks=packed(json.dumps(dict(reader.tasks))),
        vocabulary=packed("\n".join(reader.vocabulary)),
        encoder=np.frombuffer(reader.encoder, dtype=np.uint8),
        heads=reader.heads.astype(np.float32),
        bias=reader.bias.astype(np.float32),
        facts=packed(json.dumps(dict(reader.facts), sort_keys=True)),
    )
    return path


def load(folder: Path = FOLDER, name: str = NAME) -> CallReader:
    """A network by its name; raises ModelMissing if it is not there or not one of ours."""
    path = folder / f"{name}.npz"
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            tasks: dict[str, Any] = json.loads(unpacked(stored["tasks"]))
            return CallReader(
                tasks={task: tuple(classes) for task, classes in tasks.items()},
                vocabulary=tuple(unpacked(stored["vocabulary"]).split("\n")),
                encoder=stored["encoder"].tobytes(),
                heads=stored["heads"],
                bias=stored["bias"],
                facts=json.loads(unpacked(stored["facts"])),
                name=name,
            )
    except (OSError, EOFError, BadZipFile, KeyError, ValueError, TypeError) as error:
        raise ModelMissing(
            f"The annotators' model {path.name} is missing or broken: install Ridealong again."
        ) from error


@lru_cache(maxsize=1)
def _running() -> Running:
    return Running(load())


forgotten(_running.cache_clear)
