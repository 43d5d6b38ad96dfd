"""Vectors of English words, with which networks begin to learn: words that are used alike lie close together.

`training/data/word_vectors.npz` holds them, made once from the public sentence model all-MiniLM-L6-v2
(Apache-2.0) by `python -m training.word_vectors FOLDER`, where FOLDER has its `model.safetensors` and
`vocab.txt`; see the card beside it. Fitted networks carry what they need of them.
"""

import json
import sys
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from annotators.linear import packed, unpacked

PATH = Path(__file__).parent / "data" / "word_vectors.npz"
WIDTH = 128
_TABLE = "embeddings.word_embeddings.weight"


@lru_cache(maxsize=1)
def word_vectors(path: Path = PATH) -> Mapping[str, NDArray[np.float32]]:
    """Vectors of `WIDTH` numbers by lower-case word, each number about 1 in size."""
    with np.load(path, allow_pickle=False) as stored:
        table = stored["vectors"].astype(np.float32) * stored["scales"]
        words = unpacked(stored["words"]).split("\n")
    return dict(zip(words, table, strict=True))


def make(folder: Path, path: Path = PATH) -> int:
    """Write the vectors of whole words of the model in `folder`, their first `WIDTH` principal components.

    Returns how many words there are.
    """
    vocabulary = (folder / "vocab.txt").read_text(encoding="utf-8").splitlines()
    table = _table(folder / "model.safetensors")
    words = [(word, row) for row, word in enumerate(vocabulary) if word.isascii() and word.isalpha()]
    chosen = table[[row for _, row in words]]
    chosen = chosen - chosen.mean(axis=0)
    _, _, axes = np.linalg.svd(chosen[:: max(1, len(chosen) // 8000)], full_matrices=False)
    shown = chosen @ axes[:WIDTH].T
    shown = np.clip(shown / shown.std(), -4, 4)
    scales = (np.abs(shown).max(axis=0) / 127).astype(np.float32)
    np.savez_compressed(
        path,
        vectors=np.round(shown / scales).astype(np.int8),
        scales=scales,
        words=packed("\n".join(word for word, _ in words)),
    )
    return len(words)


def _table(path: Path) -> NDArray[np.float32]:
    """One table of a safetensors file: eight bytes of length, a JSON header, plain numbers."""
    data = path.read_bytes()
    size = int.from_bytes(data[:8], "little")
    entry = json.loads(data[8 : 8 + size])[_TABLE]
    first, last = (8 + size + offset for offset in entry["data_offsets"])
    kind = {"F32": np.float32, "F16": np.float16}[entry["dtype"]]
    return np.frombuffer(data[first:last], dtype=kind).reshape(entry["shape"]).astype(np.float32)


if __name__ == "__main__":
    sys.stdout.write(f"{make(Path(sys.argv[1]))} words\n")
