"""Word vectors as they are cut from a public model's table, and as they come out of the file."""

import json
from pathlib import Path

import numpy as np

from training.word_vectors import WIDTH, make, word_vectors

PIECES = [
    "[CLS]",
    "##ing",
    "12",
    "price",
    "cost",
    "tuesday",
    *(f"w{chr(97 + n % 26)}{chr(97 + n // 26)}" for n in range(400)),
]


def test_whole_words_keep_who_is_close_to_whom(tmp_path: Path) -> None:
    chance = np.random.default_rng(0)
    table = chance.normal(size=(len(PIECES), 384)).astype(np.float32)
    table[PIECES.index("cost")] = table[PIECES.index("price")] + 0.1
    name = "embeddings.word_embeddings.weight"
    header = json.dumps(
        {name: {"dtype": "F32", "shape": list(table.shape), "data_offsets": [0, table.nbytes]}}
    ).encode()
    (tmp_path / "model.safetensors").write_bytes(len(header).to_bytes(8, "little") + header + table.tobytes())
    (tmp_path / "vocab.txt").write_text("\n".join(PIECES))
    assert make(tmp_path, tmp_path / "vectors.npz") == len(PIECES) - 3
    found = word_vectors(tmp_path / "vectors.npz")
    assert {len(vector) for vector in found.values()} == {WIDTH}
    assert not {"[CLS]", "##ing", "12"} & set(found)
    apart = np.linalg.norm(found["price"] - found["tuesday"])
    assert np.linalg.norm(found["price"] - found["cost"]) < apart / 3


def test_those_that_ship_know_what_words_are_used_for() -> None:
    found = word_vectors()

    def near(one: str, other: str) -> float:
        both = np.linalg.norm(found[one]) * np.linalg.norm(found[other])
        return float(found[one] @ found[other] / both)

    for one, alike, unlike in [("price", "cost", "tuesday"), ("monday", "tuesday", "manager")]:
        assert near(one, alike) > near(one, unlike) + 0.2
