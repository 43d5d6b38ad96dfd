"""Make the sample calls: each folder's script.toml -> audio.* and reference.json.

    python sample_calls/make.py [NAME ...] [--cache DIR]

Needs sample_calls/requirements.lock, `espeak-ng` and `npm` (see README.md beside this file).
"""

import argparse
import json
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import av
import numpy as np
from mix import Samples, mix
from script import Placement, Script, place, read_script
from speech import SAMPLE_RATE, Synthesiser, load_synthesiser

HERE = Path(__file__).parent
SUFFIXES = {"opus": ".opus", "flac": ".flac", "ulaw": ".wav"}
CODECS = {"opus": "libopus", "flac": "flac", "ulaw": "pcm_mulaw"}
CONTAINERS = {"opus": "ogg", "flac": "flac", "ulaw": "wav"}
OPUS_BITS_PER_SECOND = {"mono": 28_000, "stereo": 44_000}


def main() -> None:
    """Make the calls named on the command line, or all of them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", help="folders beside this file; default: all of them")
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "ridealong-sample-calls")
    options = parser.parse_args()
    names = options.names or sorted(path.parent.name for path in HERE.glob("*/script.toml"))
    synthesiser = load_synthesiser(options.cache)
    for name in names:
        seconds = make(HERE / name, synthesiser)
        print(f"{name}: {seconds:.0f} s")


def make(folder: Path, synthesiser: Synthesiser) -> float:
    """Write a call's audio and reference; return its length in seconds."""
    script = read_script(folder / "script.toml")
    utterances = [speak(script, number, synthesiser) for number in range(len(script.lines))]
    placements = place(script.lines, [len(samples) / SAMPLE_RATE for samples in utterances])
    channels, rate = mix(script, placements, utterances)
    for old in folder.glob("audio.*"):
        old.unlink()
    encode(channels, rate, script, folder / f"audio{SUFFIXES[script.format]}")
    text = json.dumps(reference(script, placements), indent=2, ensure_ascii=False)
    (folder / "reference.json").write_text(text + "\n", encoding="utf-8")
    return float(channels.shape[1] / rate)


def speak(script: Script, number: int, synthesiser: Synthesiser) -> Samples:
    """Return a line's samples at 24 kHz."""
    line = script.lines[number]
    speaker = script.speakers[line.speaker]
    return synthesiser.speak(line.text, speaker.voice, speaker.speed, script.names)


def reference(script: Script, placements: Sequence[Placement]) -> dict[str, object]:
    """Return the exact transcript: speakers, and turns with times in seconds."""
    stereo = script.layout == "stereo"
    return {
        "title": script.title,
        "kind": script.kind,
        "date": script.date.isoformat(),
        "speakers": {
            key: {
                "name": speaker.name,
                "voice": speaker.voice,
                "channel": speaker.channel if stereo else None,
            }
            for key, speaker in script.speakers.items()
        },
        "turns": [
            {
                "speaker": placement.line.speaker,
                "channel": script.speakers[placement.line.speaker].channel if stereo else None,
                "start": placement.start,
                "end": placement.end,
                "text": placement.line.text,
            }
            for placement in placements
        ],
    }


def encode(channels: Samples, rate: int, script: Script, path: Path) -> None:
    """Write (channel, sample) to a file, the same bytes for the same samples."""
    # Without bitexact the Ogg serial number and the encoder's version string differ from run to run.
    with av.open(str(path), "w", CONTAINERS[script.format], {"fflags": "+bitexact"}) as container:
        stream = container.add_stream(CODECS[script.format], rate=rate)
        if not isinstance(stream, av.AudioStream):
            raise TypeError(f"{CODECS[script.format]} is no audio codec")
        stream.layout = script.layout
        stream.codec_context.flags |= av.codec.context.Flags.bitexact
        if script.format == "opus":
            stream.bit_rate = OPUS_BITS_PER_SECOND[script.layout]
        for frame in frames(channels, rate, stream):
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def frames(channels: Samples, rate: int, stream: av.AudioStream) -> Iterator[av.AudioFrame]:
    """Yield the samples as frames of the length and sample format the stream's codec takes."""
    pcm = np.round(channels.T * 32767).astype(np.int16)  # (sample, channel), interleaved when flattened
    step = stream.frame_size or 4096
    resampler = av.AudioResampler(format=stream.format, layout=stream.layout, rate=rate, frame_size=step)
    whole = av.AudioFrame.from_ndarray(pcm.reshape(1, -1), format="s16", layout=stream.layout.name)
    whole.sample_rate = rate
    yield from resampler.resample(whole)
    yield from resampler.resample(None)


if __name__ == "__main__":
    main()
