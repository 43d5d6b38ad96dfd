"""Ctrl-C while a library works that swallows it: the work stops all the same, at its next step."""

import signal
from collections.abc import Iterator
from contextlib import suppress

import pytest

from service import interrupt


@pytest.fixture(autouse=True)
def listening() -> Iterator[None]:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def swallowed() -> None:
    """A press in code that clears whatever is raised, as some C extensions do while they are imported."""
    with suppress(BaseException):
        signal.raise_signal(signal.SIGINT)


def test_a_swallowed_press_stops_the_work_at_its_next_step() -> None:
    steps = []

    def work() -> None:
        for step in (swallowed, lambda: steps.append("recognised")):
            interrupt.check()
            step()

    with pytest.raises(KeyboardInterrupt), interrupt.heeded():
        work()
    assert steps == []


def test_a_press_swallowed_in_the_last_step_is_not_taken_for_success() -> None:
    with pytest.raises(KeyboardInterrupt), interrupt.heeded():
        swallowed()


def test_the_next_work_is_not_stopped_by_an_old_press() -> None:
    with suppress(KeyboardInterrupt), interrupt.heeded():
        swallowed()
    with interrupt.heeded():
        interrupt.check()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_whoever_ignores_ctrl_c_goes_on_ignoring_it() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with interrupt.heeded():
        signal.raise_signal(signal.SIGINT)
        interrupt.check()
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
