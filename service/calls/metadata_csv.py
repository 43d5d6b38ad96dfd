"""What is said of many calls at once: a CSV file with a line a recording, read whole or refused whole."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from models.files import printable
from service.calls.details import Given, faults_of
from service.calls.receiving import file_name
from service.problems import Unusable

FILE = "file"
COLUMNS = (FILE, *Given.model_fields)
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and where: line of the CSV, column, file; None where it isn't about one."""

    what: str
    line: int | None = None
    column: str | None = None
    file: str | None = None

    def __str__(self) -> str:
        places = (
            f"line {self.line}" if self.line else "",
            f"column {self.column}" if self.column else "",
            self.file or "",
        )
        where = ", ".join(place for place in places if place)
        return f"{where}: {self.what}" if where else self.what


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the CSV: which file it is about, and what it says of the call."""

    line: int
    file: str
    given: Given


class Refused(Unusable):
    """Many files were refused together; `faults` has everything that is wrong, and nothing was taken in."""

    title = "Nothing was taken in"

    def __init__(self, faults: Sequence[Fault]) -> None:
        shown = "; ".join(str(fault) for fault in faults[:_SHOWN])
        more = f"; and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
        super().__init__(
            f"{shown}{more}",
            faults=[
                {"line": fault.line, "column": fault.column, "file": fault.file, "what": fault.what}
                for fault in faults
            ],
        )
        self.faults = tuple(faults)


def text_of(content: bytes) -> str:
    """The text of a CSV file, in UTF-8 or what Windows writes in the West."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def read(text: str, defaults: Mapping[str, str] | None = None) -> list[Row]:
    """The lines of a CSV whose columns are `COLUMNS` in any order; an empty cell takes the default.

    Commas, semicolons or tabs part the cells, whichever the first line has.

    Raises:
        Refused: with every fault of every line.
    """
    try:
        lines = _lines(text)
    except csv.Error as error:
        raise Refused([Fault(f"it can't be read as CSV ({error}); export it again")]) from None
    if not lines:
        raise Refused([Fault(f"the CSV is empty; its first line names the columns: {', '.join(COLUMNS)}")])
    names = [printable(cell.strip().lower()) for cell in lines[0][1]]
    if faults := _header_faults(names):
        raise Refused(faults)
    rows: list[Row] = []
    for number, cells in lines[1:]:
        found = _row(number, names, cells, defaults or {})
        if isinstance(found, Row):
            rows.append(found)
        else:
            faults += found
    seen = Counter(row.file for row in rows)
    faults += [Fault("the file has a line already", row.line, FILE, row.file) for row in _later(rows, seen)]
    if faults:
        raise Refused(sorted(faults, key=lambda fault: fault.line or 0))
    return rows


def matched(rows: Iterable[Row], names: Iterable[str]) -> dict[str, Row]:
    """The line of each file.

    Raises:
        Refused: a line's file was not sent, a file has no line, or two files have one name.
    """
    by_file = {row.file: row for row in rows}
    sent = Counter(names)
    faults = [
        Fault("no file of this name was sent", row.line, FILE, name)
        for name, row in by_file.items()
        if name not in sent
    ]
    faults += [Fault("has no line in the CSV", file=name) for name in sent if name not in by_file]
    faults += [
        Fault("several files have this name; rename them", file=name) for name, n in sent.items() if n > 1
    ]
    if faults:
        raise Refused(faults)
    return by_file


def _lines(text: str) -> list[tuple[int, list[str]]]:
    """Number of the first line and cells of every row that isn't blank."""
    first = text.lstrip("\n\r").split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    found: list[tuple[int, list[str]]] = []
    before = 0
    for cells in reader:
        if any(cell.strip() for cell in cells):
            found.append((before + 1, cells))
        before = reader.line_num
    return found


def _header_faults(names: list[str]) -> list[Fault]:
    known = ", ".join(COLUMNS)
    faults = [
        Fault(f"there is no such column; there are {known}", 1, name or "(without a name)")
        for name in names
        if name not in COLUMNS
    ]
    faults += [Fault("is there twice; keep one", 1, name) for name, n in Counter(names).items() if n > 1]
    if FILE not in names:
        faults.append(Fault("the column that names the recording is missing", 1, FILE))
    return faults


def _row(number: int, names: list[str], cells: list[str], defaults: Mapping[str, str]) -> Row | list[Fault]:
    if len(cells) > len(names):
        return [Fault(f"has {len(cells)} cells where the first line names {len(names)} columns", number)]
    values = {name: cell.strip() for name, cell in zip(names, cells, strict=False)}
    named = values.pop(FILE, "")
    file = file_name(named) if named else ""
    faults = [] if file else [Fault("names no file", number, FILE)]
    said = {name: value for name, value in values.items() if value}
    try:
        given = Given.model_validate({**defaults, **said})
    except ValidationError as error:
        return faults + [Fault(what, number, column, file or None) for column, what in faults_of(error)]
    return faults or Row(number, file, given)


def _later(rows: list[Row], seen: Counter[str]) -> list[Row]:
    first: set[str] = set()
    found = []
    for row in rows:
        if seen[row.file] > 1 and row.file in first:
            found.append(row)
        first.add(row.file)
    return found
