"""A call's scorecard as a PDF: scores people gave, drafts marked as drafts, quotes, transcript."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
from fpdf import FPDF
from fpdf.enums import XPos, YPos

from service.result import Result, ScorePart

MOST_QUOTES = 4
_FONT = "DejaVu"
_GREY = (95, 103, 112)
_INK = (24, 30, 36)
_LINE = (214, 219, 224)


@dataclass(frozen=True, slots=True)
class Given:
    """What a person said of a dimension; `value` None is "not observed"."""

    value: int | None
    by: str
    on: str
    reason: str


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands above the scores."""

    title: str
    facts: Sequence[tuple[str, str]]


class _Page(FPDF):
    def footer(self) -> None:
        self.set_y(-12)
        self.set_font(_FONT, size=8)
        self.set_text_color(*_GREY)
        self.cell(0, 5, f"Drafts are proposals by software; people decide.   {self.page_no()} / {{nb}}")


def pdf(heading: Heading, document: Result, given: Mapping[str, Given]) -> bytes:
    """The report. `document` has a scorecard; `given` are people's scores by dimension."""
    # A glyph that the font lacks is drawn as a box; that is no news.
    logging.getLogger("fpdf").setLevel(logging.ERROR)
    page = _Page(format="A4")
    fonts = Path(mpl.get_data_path()) / "fonts" / "ttf"
    page.add_font(_FONT, "", fonts / "DejaVuSans.ttf")
    page.add_font(_FONT, "B", fonts / "DejaVuSans-Bold.ttf")
    page.set_title(heading.title)
    page.set_lang(document.transcript.language or "en")
    page.set_margins(18, 16)
    page.set_auto_page_break(auto=True, margin=18)
    page.add_page()
    _line(page, heading.title, size=17, bold=True)
    for name, value in heading.facts:
        _line(page, f"{name}: {value}", size=9, colour=_GREY)
    for score in document.scorecard.scores if document.scorecard else ():
        _score(page, document, score, given.get(score.dimension))
    _transcript(page, document)
    return bytes(page.output())


def _line(
    page: FPDF, text: str, *, size: float, bold: bool = False, colour: tuple[int, int, int] = _INK
) -> None:
    page.set_font(_FONT, "B" if bold else "", size)
    page.set_text_color(*colour)
    page.multi_cell(0, size * 0.5, text, new_x=XPos.LMARGIN, new_y=YPos.NEXT, align="L")


def _score(page: FPDF, document: Result, score: ScorePart, given: Given | None) -> None:
    page.ln(3)
    page.set_draw_color(*_LINE)
    page.line(page.l_margin, page.get_y(), page.w - page.r_margin, page.get_y())
    page.ln(3)
    _line(page, f"{score.title}   {_standing(score, given)}", size=11, bold=True)
    if given is not None and given.reason:
        _line(page, given.reason, size=9)
    if given is not None and score.value is not None:
        _line(page, f"The draft was {_draft(score)}.", size=8, colour=_GREY)
    if score.reason:
        _line(page, score.reason, size=9, colour=_GREY)
    for position in score.evidence[:MOST_QUOTES]:
        item = document.evidence[position]
        _line(page, f"{_clock(item.start_time)}{item.speaker}: “{item.quote}”", size=9)
    if score.advice:
        _line(page, f"What would raise it: {score.advice}", size=9, colour=_GREY)


def _standing(score: ScorePart, given: Given | None) -> str:
    if given is not None:
        value = "not observed" if given.value is None else f"{given.value} of 5"
        return f"{value}, by {given.by} on {given.on}"
    return "not scored" if score.value is None else f"draft {_draft(score)}, not yet reviewed"


def _draft(score: ScorePart) -> str:
    between = f" ({score.interval[0]} to {score.interval[1]})" if score.interval else ""
    return f"{score.value} of 5{between}"


def _transcript(page: FPDF, document: Result) -> None:
    page.add_page()
    _line(page, "Transcript", size=13, bold=True)
    page.ln(2)
    for turn in document.transcript.turns:
        if turn.words:
            _line(page, f"{_clock(turn.start)}{turn.speaker}: {turn.text}", size=8.5)
            page.ln(0.8)


def _clock(seconds: float | None) -> str:
    return "" if seconds is None else f"{int(seconds) // 60}:{int(seconds) % 60:02d}  "
