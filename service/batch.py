"""Many files through one function: which files, what to do with each result, and what failed."""

import os
import tempfile
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from models.errors import CallError, ModelMissing
from models.files import shown
from service.result import Result, to_json

# What a folder is searched for; any file that is named outright is tried.
_SOUND = "3gp aac aif aiff amr au caf flac m4a m4b mka mp2 mp3 oga ogg opus wav wave wma"
_VIDEO = "mkv mov mp4 mpeg mpg webm wmv"
RECORDINGS = frozenset(f".{suffix}" for suffix in f"{_SOUND} {_VIDEO}".split())
TRANSCRIPTS = frozenset((".json", ".vtt", ".srt", ".txt"))


@dataclass(frozen=True, slots=True)
class Item:
    """A file to work on, and the name its result gets below the output folder."""

    path: Path
    output: Path


class OutputError(CallError):
    """A result can't be written where it was asked to go."""


def collect(paths: Sequence[Path], suffixes: frozenset[str]) -> Iterator[Item | CallError]:
    """The files that the arguments name, folders opened up, each once; an error for a folder with none.

    A file that is named is taken whatever its suffix; inside folders those with one of `suffixes` are,
    in the order of their names; hidden files are not.
    """
    taken: set[Path] = set()
    outputs: set[Path] = set()
    for path in paths:
        if not _is_folder(path):
            found = [(path, Path(path.name))]
        else:
            files = sorted(p for p in path.rglob("*") if _wanted(p, suffixes))
            found = [(file, file.relative_to(path)) for file in files]
            if not found:
                yield CallError(
                    f"{shown(path)}: no file in this folder ends in one of {' '.join(sorted(suffixes))}; "
                    "name the files themselves"
                )
        for file, name in found:
            if file.absolute() not in taken:
                taken.add(file.absolute())
                yield Item(file, _free(name, outputs))


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # longer than a name may be: opening it will say what is wrong
        return False


def _wanted(path: Path, suffixes: frozenset[str]) -> bool:
    """Whether a file of a folder is meant; macOS leaves `._call.wav` beside call.wav on foreign disks."""
    return path.suffix.lower() in suffixes and not path.name.startswith(".") and path.is_file()


def _free(name: Path, outputs: set[Path]) -> Path:
    """`name` with .json at its end, numbered where another file of that name came before."""
    output = name.with_name(f"{name.name}.json")
    number = 2
    while output in outputs:
        output = name.with_name(f"{name.name}-{number}.json")
        number += 1
    outputs.add(output)
    return output


def process(
    items: Iterable[Item | CallError],
    work: Callable[[Path], Result],
    done: Callable[[Item, Result], None],
    failed: Callable[[str], None],
) -> bool:
    """Work on every item, one failure never keeping the others from it; True when none failed."""
    clean = True
    for item in items:
        problem = str(item) if isinstance(item, CallError) else _attempt(item, work, done)
        if problem is not None:
            clean = False
            failed(problem)
    return clean


def _attempt(item: Item, work: Callable[[Path], Result], done: Callable[[Item, Result], None]) -> str | None:
    """Work on one item; what went wrong, in one line, or None."""
    try:
        done(item, work(item.path))
    except CallError as error:
        return _about(item, error)
    except BrokenPipeError:  # whoever reads our output has enough of all files
        raise
    except OSError as error:  # reading reports its own; this is the output
        return f"{shown(item.path)}: the result can't be written ({error.strerror}); make room, or use --out"
    except Exception as error:  # noqa: BLE001 - a fault of ours on one file must not cost the others
        frame = traceback.extract_tb(error.__traceback__)[-1]
        fault = f"{type(error).__name__} in {Path(frame.filename).name}:{frame.lineno}: {error}"
        return f"{shown(item.path)}: not analysed because of a fault in Ridealong; please report it: {fault}"
    return None


def _about(item: Item, error: CallError) -> str:
    """The message of an error, naming the file wherever it is one of the file."""
    message = str(error)
    if isinstance(error, ModelMissing) or shown(item.path) in message:
        return message
    return f"{shown(item.path)}: {message}"


def prepare(folder: Path) -> None:
    """Make the output folder, and find out whether it can be written to before the work begins.

    Raises:
        OutputError: it can't be.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise _unwritable(folder, error) from error


def _unwritable(path: Path, error: OSError) -> OutputError:
    return OutputError(f"{shown(path)}: can't be written ({error.strerror}); choose another --out")


def write(result: Result, path: Path) -> None:
    """Write a result as JSON; the file appears whole or not at all.

    Raises:
        OutputError: the folder can't be made or written to.
    """
    # Made by open(), not tempfile: the file then has the rights that the user's umask gives.
    temporary = path.with_name(f".{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(to_json(result, indent=1) + "\n", encoding="utf-8")
        temporary.replace(path)
    except BaseException as error:
        with suppress(OSError):
            temporary.unlink()
        if isinstance(error, OSError):
            raise _unwritable(path, error) from error
        raise
