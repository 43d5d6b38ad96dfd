"""Scenes written for training: pieces of calls, each marked by its writer, full of what calls hold little of.

A file holds scenes of one writer, `====` between them: the day, a turn a line, `---`, then marks as in
training/marks.py.

    date 2026-03-11
    rep: It's four eighty a month.
    buyer: That's more than the van lease.
    ---
    1|objection|That's more than the van lease|price; open
"""

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from pathlib import Path

from training.datasets import DATA, LabelledCall, UnreadableData, as_transcript
from training.marks import Reading, parse_lines

_BETWEEN = re.compile(r"(?m)^={4}\n")
_TURN = re.compile(r"(rep|buyer(?: \d)?): (\S.*)")


@lru_cache(maxsize=2)
def scenes(folder: Path = DATA / "scenes") -> tuple[LabelledCall, ...]:
    """Every scene as a short call with one reading, its writer's; raises UnreadableData naming the scene."""
    return tuple(scene for path in sorted(folder.glob("*.txt")) for scene in _of_file(path))


def _of_file(path: Path) -> Iterator[LabelledCall]:
    for number, text in enumerate(_BETWEEN.split(path.read_text(encoding="utf-8")), 1):
        try:
            yield _scene(path.stem, f"{path.stem}-{number}", text)
        except ValueError as problem:
            raise UnreadableData(f"{path}, scene {number}: {problem}") from None


def _scene(writer: str, name: str, text: str) -> LabelledCall:
    talk, _, marks = text.partition("\n---\n")
    day, *lines = talk.splitlines()
    turns = [_TURN.fullmatch(line) for line in lines]
    if not day.startswith("date ") or not all(turns):
        raise ValueError("not a line `date 2026-03-11`, then turns `rep: ...` or `buyer: ...`")
    transcript = as_transcript([(turn[1], turn[2]) for turn in turns if turn])
    return LabelledCall(
        name=name,
        writer=writer,
        industry="",
        kind="scene",
        style="",
        day=date.fromisoformat(day.removeprefix("date ").strip()),
        transcript=transcript,
        readings=(Reading(writer, name, {}, parse_lines(marks, transcript)[1]),),
    )
