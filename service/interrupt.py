"""Ctrl-C that doesn't get lost: what a library swallows is raised again at the next step of the work."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from types import FrameType

# Of the process, as signals are.
_pressed = Event()


def check() -> None:
    """Raise `KeyboardInterrupt` if Ctrl-C was pressed since work began that heeds it."""
    if _pressed.is_set():
        raise KeyboardInterrupt


@contextmanager
def heeded() -> Iterator[None]:
    """Remember a Ctrl-C in this block for `check`; whoever ignores or handles SIGINT otherwise is left alone.

    Python raises it wherever the main thread happens to be. Raised in an import or in an extension in C that
    clears whatever it meets, as happens while speech libraries load, the press would be lost.
    """
    before = signal.getsignal(signal.SIGINT)
    _pressed.clear()
    if before is not signal.default_int_handler:
        yield
        return
    signal.signal(signal.SIGINT, _press)
    try:
        yield
        check()
    finally:
        signal.signal(signal.SIGINT, before)


def _press(number: int, frame: FrameType | None) -> None:
    _pressed.set()
    signal.default_int_handler(number, frame)
