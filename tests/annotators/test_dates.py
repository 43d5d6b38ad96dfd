"""Days meant by words, from a Tuesday; and what is no day."""

import datetime as dt

import pytest

from annotators.dates import resolve
from tests.annotators.calls import TUESDAY, call, found, quote


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("today by four", "2026-03-03"),
        ("tomorrow", "2026-03-04"),
        ("the day after tomorrow", "2026-03-05"),
        ("this afternoon", "2026-03-03"),
        ("right after this call", "2026-03-03"),
        ("after this", "2026-03-03"),
        ("when we hang up", "2026-03-03"),
        ("in the next half hour", "2026-03-03"),
        ("by friday", "2026-03-06"),
        ("on tuesday", "2026-03-10"),
        ("next thursday at two p.m", "2026-03-12"),
        ("end of the week", "2026-03-06"),
        ("by the end of next week", "2026-03-13"),
        ("end of the month", "2026-03-31"),
        ("the end of the quarter", "2026-03-31"),
        ("end of next month", "2026-04-30"),
        ("in two weeks", "2026-03-17"),
        ("in a couple of days", "2026-03-05"),
        ("within 30 days", "2026-04-02"),
        ("in five business days", "2026-03-10"),
        ("in a month", "2026-04-03"),
        ("two weeks from today", "2026-03-17"),
        ("a week from monday", "2026-03-16"),
        ("the fourteenth", "2026-03-14"),
        ("the 1st", "2026-04-01"),
        ("the twenty-second", "2026-03-22"),
        ("tuesday the twelfth of may", "2026-05-12"),
        ("march 20", "2026-03-20"),
        ("february 3rd", "2027-02-03"),
        ("the thirty-first", "2026-03-31"),
        ("by wednesday close of business", "2026-03-04"),
        ("end of play friday", "2026-03-06"),
        ("wednesday next week", "2026-03-11"),
        ("next week on tuesday", "2026-03-10"),
        ("first thing monday", "2026-03-09"),
        ("a week on tuesday", "2026-03-17"),
        ("a fortnight today", "2026-03-17"),
        ("by the end of april", "2026-04-30"),
        ("thursday twenty-sixth", "2026-03-26"),
        ("monday twenty third", "2026-03-23"),
        ("tomorrow dinner time", "2026-03-04"),
        ("a week thursday", "2026-03-12"),
        ("thursday week", "2026-03-12"),
        ("a fortnight friday", "2026-03-20"),
        ("friday fortnight", "2026-03-20"),
        ("monday after next", "2026-03-16"),
        ("tuesday of next week", "2026-03-10"),
        ("month end", "2026-03-31"),
        ("end of week", "2026-03-06"),
        ("by eod", "2026-03-03"),
        ("end of q1", "2026-03-31"),
        ("end of the second quarter", "2026-06-30"),
        ("the first of next month", "2026-04-01"),
        ("this time next week", "2026-03-10"),
        ("14 april", "2026-04-14"),
        ("in the hour", "2026-03-03"),
        ("friday first thing", "2026-03-06"),
        ("the friday after", "2026-03-13"),
        ("the tuesday after that", "2026-03-17"),
        ("monday 23", "2026-03-23"),
        ("tuesday 10", "2026-03-10"),
        ("monday 10", "2026-03-09"),
        ("monday 2 pm", "2026-03-09"),
        ("thursday september 10th", "2026-09-10"),
        ("friday may 1", "2026-05-01"),
        ("in a few minutes", "2026-03-03"),
    ],
)
def test_day(said: str, day: str) -> None:
    assert resolve(said, TUESDAY) == dt.date.fromisoformat(day)


@pytest.mark.parametrize(
    "said", ["next week", "in january", "soon", "february 30", "at two", "in 999 months 99999"]
)
def test_no_single_day(said: str) -> None:
    day = resolve(said, TUESDAY)
    assert day is None or day > TUESDAY


@pytest.mark.parametrize("said", ["february 30", "june 31st"])
def test_a_day_that_does_not_exist(said: str) -> None:
    assert resolve(said, TUESDAY) is None


def test_end_of_time_is_no_error() -> None:
    assert resolve("in 999 months", dt.date(9999, 12, 1)) is None


@pytest.mark.parametrize("offset", range(14))
def test_a_weekday_lies_ahead(offset: int) -> None:
    today = TUESDAY + dt.timedelta(days=offset)
    friday = resolve("on friday", today)
    assert friday is not None
    assert friday.weekday() == 4
    assert 1 <= (friday - today).days <= 7


def test_without_the_day_of_the_call_there_are_words_and_no_date() -> None:
    from annotators import annotate  # noqa: PLC0415 - everything else goes by TUESDAY

    steps = [item for item in annotate(call("rep: I'll send it by Friday.")) if item.label == "next_step"]
    assert [(step.attributes["when"], step.attributes["date"]) for step in steps] == [("by Friday", None)]


def test_the_words_said_are_quoted_as_said() -> None:
    line = "rep: I'll call you next Thursday at half past two, okay?"
    (step,) = found("next_step", line)
    assert step.attributes["when"] == "next Thursday at half past two"
    assert "half past two" in quote(call(line), step)


def test_a_day_that_the_answer_names_for_something_else_moves_no_step() -> None:
    lines = ("rep: I'll send you the count this evening.", "buyer: Fine. I'll make the gate pass tomorrow.")
    first, *_ = found("next_step", *lines)
    assert (first.attributes["when"], first.attributes["date"]) == ("this evening", "2026-03-03")


def test_a_day_of_the_month_may_be_said_without_its_th() -> None:
    (step,) = found("next_step", "rep: I'll come to the plant with my mechanic on Monday 23 at nine.")
    assert step.attributes["date"] == "2026-03-23"


@pytest.mark.parametrize(
    ("line", "date"),
    [
        ("I'll send you a plan of the rooms on the second floor.", None),
        ("I'll send you ten labels by, let me see, tomorrow's the fourth, Monday the 9th.", "2026-03-09"),
        ("I'll send you the invite in a few minutes.", "2026-03-03"),
        ("I'll email you the link now. The sandbox comes on Thursday.", "2026-03-03"),
    ],
)
def test_what_names_a_day_and_what_only_sounds_so(line: str, date: str | None) -> None:
    first, *_ = found("next_step", f"rep: {line}")
    assert first.attributes["date"] == date


def test_a_note_of_a_meeting_is_not_due_on_its_day() -> None:
    lines = ("buyer: The 11th at five is fine.", "rep: Great. I'll put it in the diary for the three of us.")
    (step,) = [item for item in found("next_step", *lines) if item.turn == 1]
    assert step.attributes["date"] is None


def test_an_hour_alone_belongs_to_the_day_just_named() -> None:
    lines = (
        "buyer: Wednesday the 11th is good.",
        "rep: Good, I'll call you at half past eleven.",
    )
    steps = [item for item in found("next_step", *lines) if item.turn == 1]
    assert [step.attributes["date"] for step in steps] == ["2026-03-11"]


def test_that_evening_is_the_evening_of_the_day_just_named() -> None:
    lines = (
        "buyer: I see him on Wednesday the eleventh.",
        "rep: Good. I'll send you the revised quote that evening.",
    )
    (step,) = [item for item in found("next_step", *lines) if item.turn == 1]
    assert step.attributes["date"] == "2026-03-11"
