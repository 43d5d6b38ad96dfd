"""The speaker encoder: real weights, real voices, and files that must be refused."""

import hashlib
import pickle
from pathlib import Path

import numpy as np
import pytest

from models import voices
from models.audio import decode
from models.errors import ModelMissing
from models.voices import Ge2e, load_voice_encoder, mel_spectrogram

RECORDING = Path(__file__).parents[3] / "shared" / "audio" / "telephone_sim00.flac"


@pytest.fixture(scope="module")
def encoder() -> Ge2e:
    return load_voice_encoder()


def test_a_voice_is_nearer_to_itself_than_to_another(encoder: Ge2e) -> None:
    if not RECORDING.exists():
        pytest.skip(f"{RECORDING.name} of the shared recordings is not here")
    second = voices.SAMPLE_RATE
    with decode(RECORDING) as audio:
        spans = [(0, 1), (0, 3), (0, 27), (1, 8), (1, 40)]  # channel and second of clear speech
        clips = [audio.read(channel, at * second, (at + 2) * second) for channel, at in spans]
    likeness = (vectors := encoder.embed(clips)) @ vectors.T
    same = [likeness[0, 1], likeness[0, 2], likeness[1, 2], likeness[3, 4]]
    different = likeness[:3, 3:]
    assert min(same) > different.max() + 0.2


def test_vectors_have_length_one_whatever_the_clip(encoder: Ge2e) -> None:
    noise = np.random.default_rng(1).normal(0, 0.1, 20_000).astype(np.float32)
    vectors = encoder.embed([noise, noise[:100], noise[:0], np.zeros(8_000, np.float32)])
    assert vectors.shape == (4, 256)
    assert np.isfinite(vectors).all()
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-4)


def test_a_clips_vector_depends_neither_on_its_company_nor_on_its_loudness(encoder: Ge2e) -> None:
    generator = np.random.default_rng(2)
    clips = [generator.normal(0, 0.1, size).astype(np.float32) for size in (9_000, 30_000, 16_000)]
    together = encoder.embed(clips)
    alone = np.concatenate([encoder.embed([clip * np.float32(0.2)]) for clip in clips])
    np.testing.assert_allclose(together, alone, atol=1e-4)


def test_many_clips_in_threads_give_the_same_bytes_each_time(encoder: Ge2e) -> None:
    generator = np.random.default_rng(3)
    clips = [generator.normal(0, 0.1, 3_000).astype(np.float32) for _ in range(2 * voices.BATCH + 3)]
    assert encoder.embed(clips).tobytes() == encoder.embed(clips).tobytes()


def test_mel_bands_rise_with_pitch() -> None:
    time = np.arange(16_000) / voices.SAMPLE_RATE
    loudest = [
        int(np.argmax(mel_spectrogram(np.sin(2 * np.pi * hertz * time).astype(np.float32)).mean(axis=0)))
        for hertz in (200, 500, 1000, 2000, 4000)
    ]
    assert loudest == sorted(set(loudest))


def test_a_missing_or_altered_model_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="install resemblyzer"):
        load_voice_encoder(tmp_path / "absent.pt")
    altered = tmp_path / "pretrained.pt"
    altered.write_bytes(b"not the weights")
    with pytest.raises(ModelMissing, match="not the one expected"):
        load_voice_encoder(altered)


def test_a_weight_file_cannot_run_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Harmful:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return Path.touch, (str(tmp_path / "harm"),)

    content = pickle.dumps(Harmful())
    path = tmp_path / "pretrained.pt"
    path.write_bytes(content)
    monkeypatch.setattr(voices, "WEIGHTS_SHA256", hashlib.sha256(content).hexdigest())
    with pytest.raises(pickle.UnpicklingError, match="not allowed"):
        load_voice_encoder(path)
    assert not (tmp_path / "harm").exists()
