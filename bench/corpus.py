"""Recordings to measure on: ../shared/audio, where it is, and the calls in sample_calls."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared" / "audio"
SAMPLES = ROOT / "sample_calls"

# Its reference describes another recording of the same two people: 58 of 69 words differ from what is said.
WRONG_REFERENCE = frozenset(("katiesteve_mono",))


@dataclass(frozen=True, slots=True)
class Spoken:
    """A recording with what is said in it: one text for each channel, or one for a mono file.

    `kind` is "real" for recorded people (their references were made by reading recogniser output, so they
    compare options and don't give an absolute rate) and "synthetic" for exact scripts spoken by machines.
    """

    name: str
    path: Path
    kind: str
    references: tuple[str, ...]


def spoken() -> Iterator[Spoken]:
    """Every recording with a reference, in a fixed order."""
    if SHARED.is_dir():
        yield from _shared()
    for folder in sorted(path.parent for path in SAMPLES.glob("*/reference.json")):
        yield _sample(folder)


def _shared() -> Iterator[Spoken]:
    for path in sorted(SHARED.glob("*_mono.flac")):
        if path.stem not in WRONG_REFERENCE:
            yield Spoken(path.stem, path, "real", (path.with_suffix(".ref.txt").read_text(),))
    for path in sorted(SHARED.glob("*_stereo.flac")):
        stem = path.stem.removesuffix("_stereo")
        sides = tuple((SHARED / f"{stem}_{side}.ref.txt").read_text() for side in ("left", "right"))
        yield Spoken(path.stem, path, "real", sides)
    for path in sorted(SHARED.glob("synthetic_call*.flac")):
        turns = json.loads(path.with_suffix(".ref.json").read_text())["turns"]
        sides = tuple(" ".join(t["text"] for t in turns if t["spk"] == who) for who in ("A", "B"))
        yield Spoken(path.stem, path, "synthetic", sides)


def _sample(folder: Path) -> Spoken:
    turns = json.loads((folder / "reference.json").read_text())["turns"]
    turns.sort(key=lambda turn: turn["start"])
    channels = sorted({turn["channel"] for turn in turns if turn["channel"] is not None})
    said = [[t["text"] for t in turns if t["channel"] == c] for c in channels] or [[t["text"] for t in turns]]
    [audio] = folder.glob("audio.*")
    return Spoken(folder.name, audio, "synthetic", tuple(" ".join(texts) for texts in said))
