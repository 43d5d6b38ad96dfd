"""What has to be in place for a call to be analysed, each with a check that says what it found."""

from collections.abc import Callable, Iterator
from functools import partial

from annotators.document import load_model
from models.framework import load_framework, shipped
from models.voices import load_voice_encoder
from models.weights import PACKAGED, whisper_weights

Check = Callable[[], str]


def checks() -> Iterator[tuple[str, Check]]:
    """Names and checks; a check returns what is there, or raises CallError with what to do."""
    for model in PACKAGED:
        yield f"speech recognition, {model}", partial(_recognition, model)
    yield "voices", lambda: load_voice_encoder().version
    yield "language", _language
    yield (
        "frameworks",
        lambda: ", ".join(f"{load_framework(n).id} {load_framework(n).version}" for n in shipped()),
    )


def _language() -> str:
    meta = load_model().meta
    return f"{meta['name']} {meta['version']}"


def _recognition(model: str) -> str:
    return whisper_weights(model).version
