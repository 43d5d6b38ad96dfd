"""The notice: what is done with recordings, on what ground, how long, and who sees what.

Its version is the beginning of its SHA-256, so that whoever has read it has read these very words; a change
of how long something is kept is another text. `notice.txt` holds the words: a heading after `#`, then a
paragraph a line.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from service.settings import Settings

FILE = Path(__file__).parent / "notice.txt"


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the notice."""

    heading: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Notice:
    """The whole text; `version` is twelve hexadecimal digits that stand for these very words."""

    words: str

    @property
    def version(self) -> str:
        """The beginning of the words' SHA-256."""
        return hashlib.sha256(self.words.encode()).hexdigest()[:12]

    @property
    def sections(self) -> tuple[Section, ...]:
        """The words by headings."""
        blocks = [block.split("\n") for block in self.words.split("\n\n")]
        return tuple(Section(head.removeprefix("# "), tuple(rest)) for head, *rest in blocks)


def notice(settings: Settings) -> Notice:
    """The notice as it holds with these settings."""
    calls = settings.keep_transcripts_days
    # A call's sound goes with the call, whatever is set for sound alone.
    ends = [days for days in (settings.keep_recordings_days, calls) if days is not None]
    numbers = calls is not None and settings.keep_numbers
    words = FILE.read_text(encoding="utf-8").strip()
    return Notice(
        words.format(
            recordings=_days(min(ends, default=None)),
            transcripts=_days(calls)
            + (" The numbers of people's scores stay, without words or names." if numbers else ""),
            log=_days(settings.keep_audit_days),
        )
    )


def _days(count: int | None) -> str:
    if count is None:
        return "until somebody deletes them; nothing is deleted by age."
    return f"{count} days." if count > 1 else "one day."
