"""What several tests need and takes seconds to make: made once."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

from models.audio import decode
from models.recogniser import Recognition, Whisper
from models.weights import whisper_weights
from tests.audio_files import write_recording
from tests.fakes import SAMPLE_RATE, SoundInMemory

# `make test` tries the same examples each time, so that a checkout that passed passes again; `make explore`
# looks for new ones. Neither fails for being slow: machines are shared.
settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("explore", max_examples=1000, deadline=None)
settings.load_profile("same")

ROOT = Path(__file__).parents[1]
CLINIC = ROOT / "sample_calls" / "discovery-clinic"
CLINIC_SECONDS = 33.0  # ends in a pause after the fourth turn


def sample_sound(
    name: str, seconds: float | None = None
) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """The first seconds of a sample call, shape (channel, sample), 16 kHz."""
    [path] = (ROOT / "sample_calls" / name).glob("audio.*")
    with decode(path) as audio:
        stop = audio.samples if seconds is None else round(seconds * SAMPLE_RATE)
        return np.stack([audio.read(channel, 0, stop) for channel in range(audio.channels)])


@pytest.fixture(scope="session")
def whisper() -> Whisper:
    """The default model, on the CPU."""
    return Whisper(whisper_weights("base"), device="cpu", threads=2)


@pytest.fixture(scope="session")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The beginning of a stereo sample call, as a wav file: rep on the left, buyer on the right."""
    folder = tmp_path_factory.mktemp("clinic")
    return write_recording(folder / "clinic.wav", sample_sound(CLINIC.name, CLINIC_SECONDS))


@pytest.fixture(scope="session")
def recognised(whisper: Whisper, clinic: Path) -> Recognition:
    """What the default model makes of `clinic`."""
    with decode(clinic) as audio:
        return whisper.recognise(audio)


@pytest.fixture(scope="session")
def long_speech() -> SoundInMemory:
    """170 s of one side of a sample call: longer than the voice detector's block."""
    sound = sample_sound("pricing-packaging")[:1]
    return SoundInMemory(np.tile(sound, (1, 2))[:, : 170 * SAMPLE_RATE])
