"""Whether somebody on this machine is still writing a file, where its system can tell."""

import errno
import os
import signal
import sys
from pathlib import Path


def being_written(path: Path) -> bool:
    """Whether a process of this machine has a file open to write; False where that can't be found out.

    Linux gives a lease for reading only on a file that nobody has open to write (fcntl(2), F_SETLEASE). It
    tells nothing of other machines that write through a network's file system, nor of somebody else's files.
    """
    if sys.platform != "linux":
        return False
    import fcntl  # noqa: PLC0415 - not on Windows

    try:
        handle = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        # Whoever opens it in this moment has a signal sent here: one that is ignored unless asked for.
        fcntl.fcntl(handle, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError as error:
        return error.errno == errno.EAGAIN
    finally:
        os.close(handle)
    return False
