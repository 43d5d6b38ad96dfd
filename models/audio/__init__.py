"""Recordings of any kind, decoded to sound at 16 kHz in bounded memory."""

from models.audio.decoding import Audio, decode
from models.audio.layout import Layout
from models.audio.source import AudioSource
from models.audio.spool import SAMPLE_RATE, NoSpace

__all__ = ["SAMPLE_RATE", "Audio", "AudioSource", "Layout", "NoSpace", "decode"]
