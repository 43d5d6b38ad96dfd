"""A real result document, made once: what the whole path says of a short call in writing."""

from functools import cache
from typing import Any

from models.framework import load_framework
from service.analysis import analyse
from service.result import SourcePart, result
from tests.factories import transcript

TALK = (
    ("rep", "Thanks for making time. How do you plan your routes today?"),
    ("buyer", "By hand, on a whiteboard, and it goes wrong every week."),
    ("rep", "What does a wrong route cost you?"),
    ("buyer", "About two hundred pounds, and an angry customer."),
    ("rep", "Our planner does it in seconds, so that those two hundred pounds stay with you."),
    ("buyer", "It sounds expensive, though."),
    ("rep", "I understand. What would it have to save you to be worth it?"),
    ("buyer", "A thousand a month I suppose."),
    ("rep", "Then I'll send you the figures by Friday and we look at them on Monday. Does that work?"),
    ("buyer", "Yes, Monday works."),
)
DIMENSIONS = ("discovery", "value", "objection", "next_step", "presence")


@cache
def document() -> dict[str, Any]:
    """The document as it is stored."""
    call = transcript(*TALK, timed=True)
    framework = load_framework()
    analysis = analyse(call, framework)
    source = SourcePart(name="talk.txt", kind="transcript", sha256="0" * 64)
    return result(source, analysis, call, framework).model_dump(mode="json", by_alias=True)
