"""How much memory does a call need at most, model included?

    python -m bench.memory [--minutes 5 60 240] [--layout stereo mono]

Each length is analysed by `ridealong analyze` in a process of its own; the figure is the highest resident
set size that the kernel counted for it (and for nothing else). The long calls are the sample calls again and
again: real speech from end to end, more of it than a real call has.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import av
import numpy as np

from bench.corpus import SAMPLES
from models.audio import SAMPLE_RATE, decode

MEBIBYTE = 1024  # ru_maxrss counts KiB on Linux


def make(path: Path, minutes: float, channels: int) -> None:
    """Write a FLAC of sample calls in a loop, `channels` of them."""
    left = minutes * 60 * SAMPLE_RATE
    files = sorted(SAMPLES.glob("*/audio.*"))
    with av.open(path, "w") as container:
        stream = container.add_stream("flac", rate=SAMPLE_RATE, layout="stereo" if channels == 2 else "mono")
        while left > 0:
            for file in files:
                with decode(file) as audio:
                    if audio.channels != channels or left <= 0:
                        continue
                    samples = int(min(audio.samples, left))
                    for start in range(0, samples, SAMPLE_RATE):
                        stop = min(start + SAMPLE_RATE, samples)
                        sound = np.stack([audio.read(channel, start, stop) for channel in range(channels)])
                        whole = np.clip(sound.T * 32767, -32768, 32767).astype(np.int16)
                        frame = av.AudioFrame.from_ndarray(
                            np.ascontiguousarray(whole).reshape(1, -1),
                            format="s16",
                            layout=stream.layout.name,
                        )
                        frame.sample_rate = SAMPLE_RATE
                        container.mux(stream.encode(frame))
                    left -= samples
        container.mux(stream.encode(None))


def peak(path: Path) -> tuple[float, float]:
    """Peak resident memory in MiB and wall seconds of analysing a file."""
    started = time.perf_counter()
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123 - os.devnull is no path of ours
        process = subprocess.Popen(
            [str(Path(sys.executable).with_name("ridealong")), "analyze", str(path), "--json"], stdout=nowhere
        )
        _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"ridealong analyze {path.name} failed with status {status}")
    return usage.ru_maxrss / MEBIBYTE, time.perf_counter() - started


def main() -> None:
    """Measure each length and print a line for it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, nargs="*", default=[5, 60, 240])
    parser.add_argument("--layout", nargs="*", default=["stereo"], choices=["stereo", "mono"])
    arguments = parser.parse_args()
    first: float | None = None
    with tempfile.TemporaryDirectory() as folder:
        for layout in arguments.layout:
            for minutes in arguments.minutes:
                path = Path(folder) / f"{layout}-{minutes:g}.flac"
                make(path, minutes, 2 if layout == "stereo" else 1)
                megabytes, seconds = peak(path)
                first = first or megabytes
                share = f"{megabytes / first:.2f} of the first"
                speed = f"{seconds:.0f} s, {seconds / minutes / 60:.4f} s a second"
                print(
                    f"{layout:7}{minutes:5g} min: {megabytes:6.0f} MiB at most, {share}; {speed}", flush=True
                )
                path.unlink()


if __name__ == "__main__":
    main()
