"""Settings as fields of a form: words for each, the unit that a person thinks in, what a form changes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from service.problems import Unusable

ABSENT = "never"


class Held(Protocol):
    """A setting as it holds; `source` is `environment`, `administrator`, `file` or `default`."""

    name: str
    value: Any
    source: str


@dataclass(frozen=True, slots=True)
class Field:
    """A setting on the page. `unit` is how much of the setting's own unit one of the field's is."""

    name: str
    label: str
    hint: str = ""
    unit: float = 1
    least: float = 1
    most: float | None = None
    empty: bool = False
    """Whether it needs no value: then nothing goes by age."""


GROUPS: tuple[tuple[str, str, tuple[Field, ...]], ...] = (
    (
        "keeping",
        "How long things are kept",
        (
            Field(
                "keep_recordings_days", "Days that sound is kept", "Transcript and scores stay.", empty=True
            ),
            Field(
                "keep_transcripts_days",
                "Days that a call is kept",
                "Then all of it goes: sound, words, scores, notes.",
                empty=True,
            ),
            Field(
                "keep_numbers",
                "Keep the numbers of reviews when a call goes by age",
                "No words and no names; agreement and learning are counted from them.",
            ),
            Field(
                "keep_audit_days",
                "Days that the log of who looked is kept",
                "At least 90.",
                least=90,
                empty=True,
            ),
        ),
    ),
    (
        "reviewing",
        "Reviews",
        (
            Field(
                "blind_share",
                "Calls that are scored blind, in %",
                "Agreement is counted from these alone; 20 is a good start.",
                unit=0.01,
                least=0,
                most=100,
            ),
        ),
    ),
    (
        "uploading",
        "Uploads",
        (
            Field("largest_upload", "Largest file, in MB", unit=1024**2),
            Field("upload_days", "Days that an unfinished upload can be resumed"),
            Field("url_import", "Recordings may be fetched from a public web address"),
        ),
    ),
    (
        "signing-in",
        "Signing in",
        (
            Field("session_idle_minutes", "Hours without use after which people are signed out", unit=60),
            Field("session_hours", "Days after which everybody signs in again", unit=24),
            Field("sign_in_tries", "Failed tries in 15 minutes before more are refused"),
        ),
    ),
)
"""Everything that can be changed here; what is about learning stands on the page on learning."""

FIELDS = tuple(field for _, _, fields in GROUPS for field in fields)
AGES = frozenset({"keep_audit_days", "keep_recordings_days", "keep_transcripts_days"})
"""Settings by which calls, sound and entries of the log are deleted."""


def written(field: Field, value: Any) -> str:
    """A setting's value as its field shows it; nothing where there is none."""
    if value is None or isinstance(value, bool):
        return ""
    return f"{round(value / field.unit, 4):.10g}"


def changes(held: Iterable[Held], form: Mapping[str, str]) -> dict[str, Any]:
    """What a form changes, by name; None takes a stored value back. What the environment sets is left out.

    Raises:
        Unusable: a field isn't a number.
    """
    by_name = {one.name: one for one in held}
    found: dict[str, Any] = {}
    for field in FIELDS:
        one = by_name[field.name]
        if one.source == "environment":
            continue
        if isinstance(one.value, bool):
            if (field.name in form) != one.value:
                found[field.name] = not one.value
            continue
        given = form.get(field.name, "").strip()
        if given != written(field, one.value):
            found[field.name] = _value(field, given) if given else None
    return found


def _value(field: Field, given: str) -> float | int:
    try:
        number = float(given) * field.unit
    except ValueError:
        raise Unusable(f"{field.label}: “{given[:40]}” is no number; write one such as 30.") from None
    if not abs(number) < 1e15:
        raise Unusable(f"{field.label}: “{given[:40]}” is too large; write a smaller number.")
    # A share stays a fraction; all else is counted whole: 1.5 hours are 90 minutes.
    return round(number, 6) if field.unit < 1 else round(number) if field.unit > 1 else _plain(number)


def _plain(number: float) -> float | int:
    return int(number) if number.is_integer() else number


def shortens(before: Mapping[str, int | None], after: Mapping[str, int | None]) -> bool:
    """Whether anything would go sooner than it does: what can't be undone, so somebody confirms it."""
    for name, new in after.items():
        old = before[name]
        if new is not None and (old is None or new < old):
            return True
    return False
