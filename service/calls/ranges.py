"""HTTP ranges (RFC 9110, section 14): which bytes of a file a player asks for."""

import re
from dataclasses import dataclass

_ONE = re.compile(r"bytes=[ \t]*(\d{0,19})-(\d{0,19})[ \t]*")


@dataclass(frozen=True, slots=True)
class Range:
    """Bytes from `start` to before `stop`."""

    start: int
    stop: int

    def content_range(self, size: int) -> str:
        """The Content-Range header of an answer that holds it."""
        return f"bytes {self.start}-{self.stop - 1}/{size}"


class NotSatisfiable(ValueError):
    """No byte of the file is in the range."""


def asked(
    header: str | None, size: int, *, if_range: str | None = None, tag: str | None = None
) -> Range | None:
    """The range that is asked for, or None for the whole file.

    `if_range` is the If-Range header: with any other than the file's strong `tag` the whole file is sent.
    So it is for several ranges in one request and for units other than bytes, as the standard allows.

    Raises:
        NotSatisfiable: the range begins after the end, or is the last 0 bytes.
    """
    if header is None or (if_range is not None and if_range.strip() != tag):
        return None
    found = _ONE.fullmatch(header.strip())
    if found is None or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:
        start, stop = max(size - int(last), 0), size
    else:
        start, stop = int(first), min(int(last) + 1, size) if last else size
        if last and int(last) < int(first):
            return None
    if start >= stop:
        raise NotSatisfiable
    return Range(start, stop)
