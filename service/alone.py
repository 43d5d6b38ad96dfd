"""Child processes of `ridealong serve` end with it, even if it is killed: a pipe tells them."""

import contextlib
import os
import threading
from collections.abc import Callable


def when_alone(then: Callable[[], object]) -> None:
    """Call `then` when standard input ends: a pipe that the parent holds open for as long as it lives."""

    def listen() -> None:
        # Not through sys.stdin: its lock, held by a thread at the end of the process, would be fatal.
        with contextlib.suppress(OSError):
            while os.read(0, 1):
                pass
        then()

    threading.Thread(target=listen, daemon=True, name="parent").start()
