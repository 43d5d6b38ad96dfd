"""Opening a recording that may be anything: what is let in, and what is said of the rest."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import BinaryIO, NoReturn

import av
from av.container import InputContainer

from models.errors import UnreadableAudio
from models.files import printable, shown

# Only these may be opened. Playlists (hls, concat, dash) are not among them: they make libav read other files
# and addresses than the one that was uploaded.
_CONTAINERS = (
    "wav,w64,aiff,au,caf,mp3,aac,flac,ogg,amr,amrnb,amrwb,asf,"
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mpegts,avi"
)
_CODEC_NAMES = """
    pcm_u8 pcm_s8 pcm_s8_planar pcm_u16le pcm_u16be pcm_s16le pcm_s16be pcm_s16le_planar
    pcm_s16be_planar pcm_s24le pcm_s24be pcm_s24le_planar pcm_s32le pcm_s32be pcm_s32le_planar
    pcm_f16le pcm_f24le pcm_f32le pcm_f32be pcm_f64le pcm_f64be pcm_mulaw pcm_alaw adpcm_ms
    adpcm_ima_wav adpcm_ima_qt adpcm_g722 g722 adpcm_g726 adpcm_g726le g726 g726le g729 g723_1 gsm
    gsm_ms truespeech mp1 mp1float mp2 mp2float mp3 mp3float aac aac_latm ac3 eac3 alac flac vorbis
    opus libopus speex amrnb amrwb libopencore_amrnb libopencore_amrwb wmav1 wmav2 wmapro wmavoice
    wmalossless
"""
_CODECS = frozenset(_CODEC_NAMES.split())
# No speech is recorded slower or faster; the ends of the range keep the resampler's tables small.
_LOWEST_RATE, _HIGHEST_RATE = 2_000, 400_000
_ENCRYPTED_TAGS = {"enca", "drms", "drmi", "aavd"}
# The identifiers of ASF's content encryption object and its extended form (ASF specification, 3.14 and 3.15).
_ASF_ENCRYPTION = (
    bytes.fromhex("fbb3112223bdd211b4b700a0c955fc6e"),
    bytes.fromhex("14e68a292226174cb935dae07ee9289c"),
)
_HEAD = 65_536
_CONTAINER_NAMES = {"mov,mp4,m4a,3gp,3g2,mj2": "mp4", "matroska,webm": "matroska"}

_NOT_AUDIO = (
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive; unpack it"),
    (b"\x1f\x8b", "a compressed archive; unpack it"),
    (b"7z\xbc\xaf", "a compressed archive; unpack it"),
    (b"Rar!", "a compressed archive; unpack it"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"\x89PNG", "a PNG picture"),
    (b"GIF8", "a GIF picture"),
    (b"\xd0\xcf\x11\xe0", "an Office document"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"#EXTM3U", "a playlist; upload the recording that it names"),
    (b"ffconcat", "a playlist; upload the recording that it names"),
    (b"[playlist]", "a playlist; upload the recording that it names"),
)
_DAMAGED = (
    b"RIFF",
    b"RF64",
    b"ID3",
    b"fLaC",
    b"OggS",
    b"\x1aE\xdf\xa3",
    b"FORM",
    b".snd",
    b"#!AMR",
    b"caff",
    b"0&\xb2u",
)


@dataclass(frozen=True, slots=True)
class AudioSource:
    """A recording as it was found: file name, SHA-256 of its bytes, container and codec.

    `container` and `codec` are libav's names, `sample_rate` is in Hz, `size` in bytes.
    """

    name: str
    sha256: str
    container: str
    codec: str
    sample_rate: int
    channels: int
    size: int


@contextmanager
def open_container(file: BinaryIO, path: Path) -> Iterator[InputContainer]:
    """Open the recording in `file` with libav.

    Nothing but the bytes of `file` is ever read: libav sees neither its name nor any way to open another one.

    Raises:
        UnreadableAudio: if it is not a recording, or not one that is let in.
    """
    file.seek(0)
    head = file.read(_HEAD)
    file.seek(0)
    try:
        container = av.open(
            SimpleNamespace(read=file.read, seek=file.seek, tell=file.tell),
            "r",
            container_options={
                "format_whitelist": _CONTAINERS,
                "codec_whitelist": ",".join(sorted(_CODECS)),
                "protocol_whitelist": "-",
                "max_size": "65536",  # a packet of wav; the default of 4 kB costs twice the time
            },
            metadata_errors="replace",
            buffer_size=262_144,
        )
    except (av.FFmpegError, ValueError, OSError, MemoryError) as problem:
        _refuse(path, head, problem)
    try:
        if any(mark in head for mark in _ASF_ENCRYPTION) and container.format.name == "asf":
            _refuse_encrypted(path)
        yield container
    finally:
        container.close()


def choose_stream(container: InputContainer, path: Path) -> av.AudioStream:
    """The stream that libav holds to be the main sound; the others are skipped over.

    Raises:
        UnreadableAudio: if there is none, or it is encrypted, unknown, or has an absurd sample rate.
    """
    best = container.streams.best("audio")
    if not isinstance(best, av.AudioStream):
        raise UnreadableAudio(
            f"{shown(path)}: there is no sound track in it; upload the recording with its sound."
        )
    # libav has no context for a code that it can't read.
    context: av.AudioCodecContext | None = best.codec_context
    if context is not None and best.codec_tag in _ENCRYPTED_TAGS:
        _refuse_encrypted(path)
    if context is None or context.codec.name not in _CODECS:
        name = "an unknown code" if context is None else context.codec.name
        raise UnreadableAudio(
            f"{shown(path)}: its sound is in {name}, which can't be read; save it as wav or mp3."
        )
    check_rate(context.sample_rate, path)
    for stream in container.streams:
        if stream.index != best.index:
            stream.discard = av.stream.Discard.all
    return best


def check_rate(rate: int, path: Path) -> None:
    """Refuse sample rates that no recording of speech has.

    Raises:
        UnreadableAudio: if `rate` is outside 2 kHz to 400 kHz.
    """
    if not _LOWEST_RATE <= rate <= _HIGHEST_RATE:
        raise UnreadableAudio(
            f"{shown(path)}: its header says {rate} samples a second, where 2,000 to 400,000 can be; "
            "the file is damaged, export it again."
        )


def check_packet(packet: "av.Packet[av.AudioStream]", path: Path) -> None:
    """Refuse encrypted sound.

    Raises:
        UnreadableAudio: if the packet is encrypted.
    """
    if packet.has_sidedata("encryption_info"):
        _refuse_encrypted(path)


def describe(file: BinaryIO, container: InputContainer, stream: av.AudioStream, path: Path) -> AudioSource:
    """What the recording is, its hash included: reads the whole file once."""
    position = file.tell()
    file.seek(0)
    digest = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
    size = file.tell()
    file.seek(position)  # where libav believes it to be
    context = stream.codec_context
    return AudioSource(
        name=printable(path.name),
        sha256=digest,
        container=_CONTAINER_NAMES.get(container.format.name, container.format.name),
        codec=context.codec.name,
        sample_rate=context.sample_rate,
        channels=context.channels,
        size=size,
    )


def _refuse_encrypted(path: Path) -> NoReturn:
    raise UnreadableAudio(f"{shown(path)}: it is encrypted (copy protected); export it without protection.")


def _refuse(path: Path, head: bytes, problem: Exception) -> NoReturn:
    """Say what the file is instead of a recording, as far as its first bytes tell."""
    if isinstance(problem, OSError) and not isinstance(problem, av.FFmpegError):
        raise UnreadableAudio(
            f"{shown(path)}: reading it failed ({problem.strerror}); check the disk."
        ) from None
    for mark, what in _NOT_AUDIO:
        if head.startswith(mark):
            raise UnreadableAudio(f"{shown(path)}: this is not a recording but {what}.") from None
    if head.startswith(_DAMAGED) or head[4:8] in {b"ftyp", b"moov", b"mdat", b"wide", b"free"}:
        raise UnreadableAudio(
            f"{shown(path)}: it begins like a recording but can't be read on: cut short or damaged; "
            "copy, export or upload it again."
        ) from None
    what = "text, not a recording" if _is_text(head) else "not a recording in any form that is known"
    raise UnreadableAudio(
        f"{shown(path)}: this is {what}; give a wav, mp3, m4a, mp4, ogg, flac or webm file."
    ) from None


def _is_text(head: bytes) -> bool:
    text = head.decode("utf-8", "replace")
    readable = sum(character.isprintable() or character in "\r\n\t" for character in text) - text.count(
        "\ufffd"
    )
    return readable >= 0.98 * len(text)
