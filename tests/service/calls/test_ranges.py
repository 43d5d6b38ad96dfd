"""HTTP ranges: every answer is the bytes that were asked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.calls.ranges import NotSatisfiable, Range, asked

SIZE = 1000


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("bytes=0-99", Range(0, 100)),
        ("bytes=900-", Range(900, SIZE)),
        ("bytes=-1", Range(999, SIZE)),
        ("bytes=-5000", Range(0, SIZE)),
        ("bytes=990-5000", Range(990, SIZE)),
        (None, None),
        ("bytes=0-1,5-6", None),
        ("bytes=5-4", None),
        ("bytes=-", None),
        ("seconds=1-2", None),
        ("bytes=a-b", None),
    ],
)
def test_ranges_as_the_standard_has_them(header: str | None, found: Range | None) -> None:
    assert asked(header, SIZE) == found


@pytest.mark.parametrize("header", ["bytes=1000-", "bytes=1000-1001", "bytes=-0"])
def test_a_range_without_bytes_is_not_satisfiable(header: str) -> None:
    with pytest.raises(NotSatisfiable):
        asked(header, SIZE)


def test_if_range_of_another_file_sends_all_of_it() -> None:
    assert asked("bytes=0-1", SIZE, if_range='"old"', tag='"new"') is None
    assert asked("bytes=0-1", SIZE, if_range='"new"', tag='"new"') == Range(0, 2)
    assert asked("bytes=0-1", SIZE, if_range="Wed, 21 Oct 2015 07:28:00 GMT", tag='"new"') is None


@given(st.integers(0, 50), st.integers(0, 60), st.one_of(st.none(), st.integers(0, 60)))
def test_a_range_is_a_slice(size: int, first: int, last: int | None) -> None:
    content = bytes(range(size))
    wanted = content[first:] if last is None else content[first : last + 1]
    header = f"bytes={first}-{'' if last is None else last}"
    try:
        found = asked(header, size)
    except NotSatisfiable:
        assert not wanted
    else:
        if found is None:
            assert last is not None
            assert last < first
        else:
            assert content[found.start : found.stop] == wanted
            assert wanted


@given(st.integers(1, 50), st.integers(1, 60))
def test_the_last_bytes(size: int, count: int) -> None:
    found = asked(f"bytes=-{count}", size)
    assert found is not None
    assert bytes(range(size))[found.start : found.stop] == bytes(range(size))[-count:]


@given(st.text(), st.integers(0, 100))
def test_nothing_that_a_header_says_breaks_it(header: str, size: int) -> None:
    try:
        found = asked(header, size)
    except NotSatisfiable:
        return
    assert found is None or 0 <= found.start < found.stop <= size
