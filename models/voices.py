"""What a voice sounds like, as a vector: the GE2E speaker encoder of Resemblyzer, without torch.

Wan et al. 2018, "Generalized end-to-end loss for speaker verification": three LSTM layers of 256 units over
40 mel bands, the last hidden state projected to 256 values, rectified and scaled to length 1. The weights
come in the `resemblyzer` package; its code, which needs torch, is never imported.
"""

import hashlib
import importlib.util
import io
import os
import pickle
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray
from onnxruntime import InferenceSession
from threadpoolctl import threadpool_limits

from models.errors import ModelMissing
from models.voice_network import LstmLayer, lstm_session

Floats = NDArray[np.float32]

SAMPLE_RATE: Final = 16_000
FRAME: Final = 400  # 25 ms
STEP: Final = 160  # 10 ms
BANDS: Final = 40
UNITS: Final = 256
LAYERS: Final = 3
# The encoder hears levels (its bands aren't logarithms); it was trained on speech brought to this one.
SPEECH_LEVEL: Final = 10 ** (-30 / 20)
# Clips run through the encoder together: enough to keep the matrix product busy, little enough for its
# working set (about 25 MB a thread) to stay out of the way of the recogniser's.
BATCH: Final = 32
THREADS: Final = min(4, os.cpu_count() or 1)

WEIGHTS_SHA256: Final = "39373b86598fa3da9fcddee6142382efe09777e8d37dc9c0561f41f0070f134e"
VERSION: Final = "ge2e-resemblyzer-0.1.4"


class VoiceEncoder(Protocol):
    """Turns clips of speech into vectors that are near each other when the voice is the same."""

    @property
    def version(self) -> str:
        """Names the weights."""

    def embed(self, clips: Sequence[Floats]) -> Floats:
        """Unit vectors (clip, dimension) of clips: float32 samples at 16 kHz, of any lengths."""


@dataclass(frozen=True, slots=True)
class Ge2e:
    """The speaker encoder: LSTM layers in `network`, then `projection` (unit, value) and its bias."""

    network: InferenceSession
    projection: Floats
    projection_bias: Floats
    version: str = VERSION

    def embed(self, clips: Sequence[Floats]) -> Floats:
        """Unit vectors (clip, 256), none negative; a clip under 25 ms is padded with silence."""
        vectors = np.empty((len(clips), UNITS), np.float32)
        # Clips of like length share a batch: the LSTM takes as many steps as the longest needs.
        order = sorted(range(len(clips)), key=lambda index: (len(clips[index]), index))
        batches = [order[first : first + BATCH] for first in range(0, len(order), BATCH)]
        # One thread a batch, and none inside the matrix products: these are too small to share out, and the
        # result no longer depends on the number of cores.
        with threadpool_limits(1, user_api="blas"), ThreadPoolExecutor(THREADS) as pool:
            found = pool.map(lambda batch: self._embed_batch([clips[index] for index in batch]), batches)
            for batch, rows in zip(batches, found, strict=True):
                vectors[batch] = rows
        return vectors

    def _embed_batch(self, clips: Sequence[Floats]) -> Floats:
        mels = [mel_spectrogram(clip) for clip in clips]
        lengths = np.array([len(mel) for mel in mels], np.int32)
        frames = np.zeros((lengths.max(), len(mels), BANDS), np.float32)  # (frame, clip, band)
        for clip, mel in enumerate(mels):
            frames[: len(mel), clip] = mel
        [states] = self.network.run(["last"], {"frames": frames, "lengths": lengths})
        vectors = np.maximum(states[0] @ self.projection + self.projection_bias, 0)
        return np.asarray(vectors / (np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-9), np.float32)


@cache
def _mel_filters() -> Floats:
    """Slaney's mel filter bank (frequency bin, band), 0-8 kHz, each filter of area one."""

    def to_mel(hertz: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.where(
            hertz < 1000, hertz * 3 / 200, 15 + 27 * np.log(np.maximum(hertz, 1) / 1000) / np.log(6.4)
        )

    def to_hertz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.where(mel < 15, mel * 200 / 3, 1000 * np.exp((mel - 15) * np.log(6.4) / 27))

    top = float(to_mel(np.array(SAMPLE_RATE / 2)))
    edges = to_hertz(np.linspace(0, top, BANDS + 2))
    bins = np.linspace(0, SAMPLE_RATE / 2, FRAME // 2 + 1)[:, None]
    rising = (bins - edges[:-2]) / np.diff(edges)[:-1]
    falling = (edges[2:] - bins) / np.diff(edges)[1:]
    filters = np.maximum(0, np.minimum(rising, falling)) * 2 / (edges[2:] - edges[:-2])
    return np.asarray(filters, np.float32)


@cache
def _window() -> Floats:
    return np.asarray(np.hanning(FRAME + 1)[:-1], np.float32)


def mel_spectrogram(clip: Floats) -> Floats:
    """Mel power (frame, band) of a clip at 16 kHz, 25 ms frames every 10 ms, the clip brought to -30 dBFS."""
    if len(clip) < FRAME:
        clip = np.pad(clip, (0, FRAME - len(clip)))
    level = float(np.sqrt(np.mean(np.square(clip, dtype=np.float64))))
    frames = np.lib.stride_tricks.sliding_window_view(clip, FRAME)[::STEP] * _window()
    spectrum = np.fft.rfft(frames).astype(np.complex64)
    power = np.square(spectrum.real) + np.square(spectrum.imag)
    gain = (SPEECH_LEVEL / level) ** 2 if level > 0 else 1.0
    return np.asarray((power @ _mel_filters()) * gain, np.float32)


def load_voice_encoder(path: Path | None = None) -> Ge2e:
    """The speaker encoder from Resemblyzer's `pretrained.pt`, by default the installed package's.

    Raises ModelMissing when the file is absent or is not the one whose SHA-256 stands in this module.
    """
    path = path or _installed_weights()
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelMissing(
            f"the voice model {path} can't be read ({error.strerror}); install resemblyzer==0.1.4"
        ) from error
    if hashlib.sha256(content).hexdigest() != WEIGHTS_SHA256:
        raise ModelMissing(
            f"the voice model {path} is not the one expected; install resemblyzer==0.1.4 again"
        )
    return _build(_read_tensors(content))


def _installed_weights() -> Path:
    spec = importlib.util.find_spec("resemblyzer")
    if spec is None or not spec.submodule_search_locations:
        raise ModelMissing("the voice model is missing: install resemblyzer==0.1.4 (pip install --no-deps)")
    return Path(spec.submodule_search_locations[0]) / "pretrained.pt"


def _build(tensors: Mapping[str, Floats]) -> Ge2e:
    """The network with torch's gate order, input forget cell output, turned to input output forget cell."""
    rows = np.r_[0:UNITS, 3 * UNITS : 4 * UNITS, UNITS : 3 * UNITS]
    layers = [
        LstmLayer(
            tensors[f"lstm.weight_ih_l{n}"][rows],
            tensors[f"lstm.weight_hh_l{n}"][rows],
            np.concatenate([tensors[f"lstm.bias_ih_l{n}"][rows], tensors[f"lstm.bias_hh_l{n}"][rows]]),
        )
        for n in range(LAYERS)
    ]
    projection = np.ascontiguousarray(tensors["linear.weight"].T)
    return Ge2e(lstm_session(layers), projection, tensors["linear.bias"].copy())


@dataclass(frozen=True, slots=True)
class _Tensor:
    storage: str
    offset: int
    shape: tuple[int, ...]


def _tensor(storage: str, offset: int, shape: tuple[int, ...], *_: object) -> _Tensor:
    return _Tensor(storage, offset, shape)


class _FloatStorage:
    """Stands for torch's type of the same name, which only labels the numbers as float32."""


class _Unpickler(pickle.Unpickler):
    """Builds plain containers and descriptions of tensors; any other name in the pickle is an error."""

    ALLOWED: Final[Mapping[tuple[str, str], Callable[..., object]]] = {
        ("collections", "OrderedDict"): OrderedDict,
        ("torch._utils", "_rebuild_tensor_v2"): _tensor,
        ("torch", "FloatStorage"): _FloatStorage,
    }

    def find_class(self, module: str, name: str) -> Callable[..., object]:
        try:
            return self.ALLOWED[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"{module}.{name} is not allowed in a weight file") from None

    def persistent_load(self, pid: tuple[object, ...]) -> str:
        return str(pid[2])


def _read_tensors(content: bytes) -> dict[str, Floats]:
    """Tensors by name from torch's file format of before 1.6: five pickles, then raw storages in order."""
    stream = io.BytesIO(content)
    for _ in range(3):  # magic number, protocol, sizes of C types
        _Unpickler(stream).load()
    checkpoint = _Unpickler(stream).load()
    storages: dict[str, Floats] = {}
    for key in _Unpickler(stream).load():
        count = int.from_bytes(stream.read(8), "little")
        storages[str(key)] = np.frombuffer(stream.read(4 * count), "<f4")
    return {
        name: storages[tensor.storage][tensor.offset : tensor.offset + int(np.prod(tensor.shape))].reshape(
            tensor.shape
        )
        for name, tensor in checkpoint["model_state"].items()
    }
