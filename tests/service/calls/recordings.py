"""Small recordings made in memory, and what tests say of them."""

import io
import random
import wave
from typing import Any

WHAT = {"consent": "all_parties", "account": "Northwind"}


def wav(seconds: float = 0.05, seed: int = 0) -> bytes:
    """A WAV file of noise; another seed gives another recording of the same size."""
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(random.Random(seed).randbytes(2 * int(8000 * seconds)))  # noqa: S311 - noise
    return made.getvalue()


def sending(content: bytes, name: str = "northwind.wav") -> dict[str, Any]:
    """The `files=` argument of a client that uploads this."""
    return {"file": (name, content, "application/octet-stream")}


TRANSCRIPTS = {
    "call.vtt": b"WEBVTT\n\n00:00:01.000 --> 00:00:02.000\n<v Ines>Good morning.\n\n"
    b"00:00:02.000 --> 00:00:03.000\n<v Paul>Good morning to you.\n",
    "call.srt": b"1\n00:00:01,000 --> 00:00:02,000\nInes: Good morning.\n\n"
    b"2\n00:00:02,000 --> 00:00:03,000\nPaul: Good morning to you.\n",
    "call.txt": b"Ines: Good morning.\nPaul: Good morning to you.\n",
    "call.json": b'{"date": "2026-03-31", "turns": [{"speaker": "Ines", "text": "Good morning."},'
    b' {"speaker": "Paul", "text": "Good morning to you."}]}',
}
