"""What kind of file something is, by its first bytes; names and declared types prove nothing."""

HEAD = 4096
"""Bytes from the start of a file that `sniff` wants to see."""
ACCEPTED = "WAV, MP3, M4A, MP4, FLAC, OGG or WebM, or a transcript as VTT, SRT, TXT or Ridealong's JSON"
_M4A = frozenset({b"M4A ", b"M4B ", b"M4P "})
_MP4 = frozenset(
    {
        b"isom",
        b"iso2",
        b"iso3",
        b"iso4",
        b"iso5",
        b"iso6",
        b"iso8",
        b"mp41",
        b"mp42",
        b"avc1",
        b"dash",
        b"mmp4",
    }
    | {b"MSNV", b"f4v ", b"3gp4", b"3gp5", b"3gp6", b"cmfc", b"mp71"}
)


def sniff(head: bytes) -> str | None:  # noqa: PLR0911 - one a format
    """Media type of a recording in one of the accepted formats; None for anything else.

    `head` is the first `HEAD` bytes. Whether the rest can be decoded is found out when it is.
    """
    if head[:4] in {b"RIFF", b"RF64", b"BW64"} and head[8:12] == b"WAVE":
        return "audio/wav"
    if head[:4] == b"fLaC":
        return "audio/flac"
    if head[:4] == b"OggS":
        return "audio/ogg"
    if head[:4] == b"\x1a\x45\xdf\xa3" and b"webm" in head[4:64]:
        return "video/webm"
    if head[4:8] == b"ftyp":
        return _of_brands(head)
    if head[:3] == b"ID3" or _mpeg_frame(head):
        return "audio/mpeg"
    return None


def _of_brands(head: bytes) -> str | None:
    """ISO 14496-12: the major brand, or else one of the compatible ones, says what an `ftyp` file holds."""
    if head[8:12] in _M4A:
        return "audio/mp4"
    size = min(int.from_bytes(head[:4], "big"), len(head))
    brands = {head[8:12], *(head[place : place + 4] for place in range(16, size - 3, 4))}
    return "video/mp4" if brands & (_MP4 | _M4A) else None


def _mpeg_frame(head: bytes) -> bool:
    """Whether a frame of MPEG audio, layer III, begins here (ISO 11172-3, 2.4.1.3); ADTS has layer 0."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return False
    version, layer = (head[1] >> 3) & 3, (head[1] >> 1) & 3
    rate, sampling = head[2] >> 4, (head[2] >> 2) & 3
    return version != 1 and layer == 1 and rate not in {0, 15} and sampling != 3
