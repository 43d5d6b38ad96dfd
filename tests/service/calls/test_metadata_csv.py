"""CSV files about many recordings: what they say, and every fault at its line and column."""

import csv
import io
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.calls.metadata_csv import COLUMNS, Fault, Refused, matched, read, text_of
from service.calls.receiving import file_name


def faults(text: str) -> list[tuple[int | None, str | None]]:
    with pytest.raises(Refused) as refused:
        read(text)
    return [(fault.line, fault.column) for fault in refused.value.faults]


def test_cells_say_what_they_are_about() -> None:
    text = 'File;account;happened_on;consent\na.wav;"North; wind";2026-03-31;all_parties\n\nb.wav;;;\n'
    first, second = read(text, {"consent": "contract"})
    assert (first.line, first.file, first.given.account) == (2, "a.wav", "North; wind")
    assert (first.given.happened_on, first.given.consent) == (date(2026, 3, 31), "all_parties")
    assert (second.line, second.given.account, second.given.consent) == (4, None, "contract")


def test_every_fault_is_told_at_once_with_line_and_column() -> None:
    text = "file,consent,happened_on,language\na.wav,maybe,31.3.,en\n,contract,,en\nb.wav,contract,,Deutsch\n"
    assert faults(text) == [(2, "happened_on"), (2, "consent"), (3, "file"), (4, "language")]


def test_faults_of_the_first_line() -> None:
    assert faults("account,colour,account\nx,y,z\n") == [(1, "colour"), (1, "account"), (1, "file")]
    assert faults("") == [(None, None)]
    assert faults("file,account\na.wav,x,y\n") == [(2, None)]
    assert faults("file\na.wav\nb.wav\na.wav\n") == [(4, "file")]
    assert faults('file,account\na.wav,"open\n')[0] == (None, None)


def test_lines_are_counted_as_an_editor_does() -> None:
    text = 'file,account\n"a.wav","two\nlines"\nb.wav,ok\n,x\n'
    assert faults(text) == [(5, "file")]


def test_files_and_lines_must_match() -> None:
    rows = read("file\na.wav\nb.wav\n")
    with pytest.raises(Refused) as refused:
        matched(rows, ["a.wav", "c.wav", "c.wav"])
    assert refused.value.faults == (
        Fault("no file of this name was sent", 3, "file", "b.wav"),
        Fault("has no line in the CSV", file="c.wav"),
        Fault("several files have this name; rename them", file="c.wav"),
    )


def test_what_spreadsheets_export_is_read() -> None:
    assert read(text_of("\ufefffile\tAccount\na.wav\tKäfer\n".encode()))[0].given.account == "Käfer"
    assert read(text_of("file;account\r\na.wav;Käfer\r\n".encode("cp1252")))[0].given.account == "Käfer"


line = st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=20).map(str.strip)
lines = st.lists(
    st.tuples(line.filter(bool), line), min_size=1, max_size=8, unique_by=lambda row: file_name(row[0])
)


@given(lines)
def test_what_is_written_is_read_again(rows: list[tuple[str, str]]) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(["file", "account", "title"])
    writer.writerows([name, account, "t"] for name, account in rows)
    found = [(row.file, row.given.account) for row in read(out.getvalue())]
    assert found == [(file_name(name), " ".join(account.split()) or None) for name, account in rows]


@given(st.text())
def test_any_text_is_read_or_refused_in_one_line(text: str) -> None:
    for content in (text, f"file,account\n{text}", f"{','.join(COLUMNS)}\n{text}"):
        try:
            told = " ".join(row.file for row in read(content))
        except Refused as refused:
            told = str(refused)
        assert "\n" not in told
