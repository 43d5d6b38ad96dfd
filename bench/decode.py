"""Measures decoding: how many times faster than real time, and how much memory it takes.

Prints a line for each kind of file: `python -m bench.decode --hours 4`. The recordings are made on the spot,
a synthetic conversation over and over; each is decoded in a process of its own. Speed is by processor time,
so that what else the machine does leaves it alone; memory is the growth of the peak of the resident set.
"""

import argparse
import multiprocessing
import tempfile
import time
from pathlib import Path

from models.audio import decode
from tests.audio_files import LOSSLESS, LOSSY, TELEPHONE, Encoding, turn_taking, write_recording

KINDS: dict[str, tuple[Encoding, int]] = {
    "wav u-law 8 kHz": (TELEPHONE["wav-ulaw"], 8_000),
    "wav 16-bit 16 kHz": (LOSSLESS["wav-16"], 16_000),
    "wav 16-bit 48 kHz": (LOSSLESS["wav-16"], 48_000),
    "mp3 64 kbit/s 44.1 kHz": (LOSSY["mp3"], 44_100),
    "m4a 64 kbit/s 48 kHz": (LOSSY["m4a"], 48_000),
    "webm opus 32 kbit/s": (LOSSY["webm-opus"], 48_000),
    "flac 44.1 kHz": (LOSSLESS["flac"], 44_100),
}


def main() -> None:
    """Make and decode one recording of each kind."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=1.0)
    parser.add_argument("--kind", choices=list(KINDS), action="append")
    arguments = parser.parse_args()
    print(f"{'stereo recording':24} {'hours':>6} {'CPU s':>8} {'x real time':>12} {'memory, MB':>11}")
    for kind in arguments.kind or KINDS:
        encoding, rate = KINDS[kind]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "recording"
            conversation = turn_taking(120.0, rate)
            repeats = max(1, round(arguments.hours * 3600 / 120))
            write_recording(path, conversation, rate, encoding, repeats=repeats)
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                seconds, length, megabytes = pool.apply(_decode, (path,))
        print(
            f"{kind:24} {length / 3600:6.2f} {seconds:8.1f} {length / seconds:12.0f} {megabytes:11.1f}",
            flush=True,
        )


def _decode(path: Path) -> tuple[float, float, float]:
    """Seconds of processor time, seconds of sound, and growth of the peak of resident memory in MB."""
    before = _peak_memory()
    begin = time.process_time()
    with decode(path) as audio:
        seconds = time.process_time() - begin
        return seconds, audio.duration, _peak_memory() - before


def _peak_memory() -> float:
    """Peak resident memory of this process so far, MB; on Linux, where getrusage counts the parent's too."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main()
