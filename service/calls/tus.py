"""The tus protocol, version 1.0.0 (tus.io): its headers, read and written; no input or output."""

import base64
import binascii
import datetime as dt
from email.utils import format_datetime
from http import HTTPStatus

from service.problems import Problem, Unusable

VERSION = "1.0.0"
EXTENSIONS = "creation,expiration,termination"
PIECE = "application/offset+octet-stream"
HEADERS = {"Tus-Resumable": VERSION}


class WrongVersion(Problem):
    """A client that speaks another version of the protocol, or none."""

    status = HTTPStatus.PRECONDITION_FAILED
    title = "Another version of tus"


class WrongType(Problem):
    """A piece that isn't sent as one."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    title = "Not a piece of an upload"


def check_version(given: str | None) -> None:
    """Go on only with the version that is spoken here.

    Raises:
        WrongVersion: another, or none is named.
    """
    if given != VERSION:
        raise WrongVersion(
            f"Send the header Tus-Resumable: {VERSION}, the version that is spoken here.",
            headers={"Tus-Version": VERSION},
        )


def metadata(header: str | None) -> dict[str, str]:
    """What Upload-Metadata says: pairs of key and Base64, parted by commas; a key may stand alone.

    Raises:
        Unusable: it isn't in that form; the message names the key.
    """
    found: dict[str, str] = {}
    for pair in (header or "").split(","):
        key, _, value = pair.strip().partition(" ")
        if not key:
            continue
        try:
            found[key] = base64.b64decode(value.strip(), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise Unusable(f"Upload-Metadata: {key}: not Base64 of UTF-8 text.") from None
    return found


def whole_number(name: str, header: str | None) -> int:
    """A header's number of bytes.

    Raises:
        Unusable: it is missing or none.
    """
    # isdecimal alone would take digits of other scripts.
    if header is None or not (header.isascii() and header.isdecimal()) or len(header) > 18:
        raise Unusable(f"{name}: send the number of bytes in this header.")
    return int(header)


def moment(when: dt.datetime) -> str:
    """A time as Upload-Expires has it."""
    return format_datetime(when.astimezone(dt.UTC), usegmt=True)
