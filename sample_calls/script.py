"""A call's script: who speaks, what is said, and how it is to sound."""

import datetime as dt
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, slots=True)
class Speaker:
    """A voice in the call. `channel` counts for stereo only; `level_db` is RMS of speech, dB full scale."""

    name: str
    voice: str
    channel: int = 0
    speed: float = 1.0
    level_db: float = -22.0


@dataclass(frozen=True, slots=True)
class Line:
    """One turn. It starts `pause` seconds after everything before it has ended (negative: overlaps).

    With `during` it starts at that fraction of the turn before instead and lets that turn run on, as
    a listener's "mhm" does.
    """

    speaker: str
    text: str
    pause: float = 0.4
    during: float | None = None


@dataclass(frozen=True, slots=True)
class Script:
    """A whole call. `noise_db` is RMS of the line's noise, `bleed_db` of one channel heard in the other."""

    title: str
    kind: str
    date: dt.date
    layout: Literal["stereo", "mono"]
    band: Literal["wide", "telephone"]
    format: Literal["opus", "flac", "ulaw"]
    speakers: Mapping[str, Speaker]
    lines: Sequence[Line]
    noise_db: float = -60.0
    bleed_db: float | None = None
    seed: int = 0
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Placement:
    """When a line is spoken: seconds from the start of the call."""

    line: Line
    start: float
    end: float


def read_script(path: Path) -> Script:
    """Read `script.toml`.

    Raises:
        ValueError: a line is spoken by nobody the script names.
        TypeError: a key is missing or unknown.
    """
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    speakers = {key: Speaker(**value) for key, value in content.pop("speakers").items()}
    lines = [Line(**value) for value in content.pop("line")]
    unknown = {line.speaker for line in lines} - speakers.keys()
    if unknown:
        raise ValueError(f"{path}: no [speakers] entry for {', '.join(sorted(unknown))}")
    return Script(speakers=speakers, lines=lines, **content)


def place(lines: Sequence[Line], durations: Sequence[float]) -> list[Placement]:
    """Lay the lines on the call's time line, `durations` in seconds.

    Raises:
        ValueError: a line would start before the one above it, or over its own speaker.
    """
    placements: list[Placement] = []
    over = 0.0
    ends: dict[str, float] = {}
    for number, (line, duration) in enumerate(zip(lines, durations, strict=True), start=1):
        start = over + line.pause
        if line.during is not None:
            before = placements[-1]
            start = before.start + line.during * (before.end - before.start)
        previous = placements[-1].start if placements else 0.0
        if start < max(previous, ends.get(line.speaker, 0.0)):
            raise ValueError(f"line {number} ({line.text[:40]!r}) starts too early")
        placement = Placement(line, round(start, 3), round(start + duration, 3))
        placements.append(placement)
        ends[line.speaker] = placement.end
        over = max(over, placement.end)
    return placements
