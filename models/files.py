"""Opening what people upload: regular files only, and names that are safe to show."""

import os
import stat
from pathlib import Path
from typing import BinaryIO

from models.errors import CallError

_SHOWN = 80


def printable(name: str) -> str:
    """The name on one line: control characters, line ends and undecodable bytes are replaced."""
    return "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in name
    )


def shown(path: Path) -> str:
    """The file's name for a message: printable, and with the middle left out where it is very long."""
    name = printable(path.name or str(path))
    return name if len(name) <= _SHOWN else f"{name[: _SHOWN - 21]}…{name[-20:]}"


def open_regular(path: Path, error: type[CallError]) -> BinaryIO:
    """Open a regular file for reading, unbuffered.

    Pipes, devices and sockets are refused without being opened: reading them may never end.

    Raises:
        CallError: of the kind `error`, if there is no such file, it is no regular file, it may not be read,
            or it is empty.
    """
    try:
        _refuse_irregular(path.stat().st_mode, path, error)
        # A pipe may have taken the file's place since: not blocking keeps that from hanging the worker.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        file = os.fdopen(handle, "rb", buffering=0)
    except FileNotFoundError:
        raise error(f"{shown(path)}: there is no such file; check the name and the folder.") from None
    except PermissionError:
        raise error(
            f"{shown(path)}: no permission to read it; change its permissions or its owner."
        ) from None
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or "the name is not valid"
        raise error(f"{shown(path)}: it can't be opened ({reason}); check the name and the disk.") from None
    try:
        status = os.fstat(handle)
        _refuse_irregular(status.st_mode, path, error)
        if status.st_size == 0:
            raise error(f"{shown(path)}: the file is empty (0 bytes); export or upload it again.")
    except CallError:
        file.close()
        raise
    return file


def _refuse_irregular(mode: int, path: Path, error: type[CallError]) -> None:
    if stat.S_ISDIR(mode):
        raise error(f"{shown(path)}: this is a folder; name the files in it.")
    if not stat.S_ISREG(mode):
        raise error(f"{shown(path)}: this is a pipe or a device, not a file; save it to a file first.")
