"""What a scorer learns from: features of a call, and the score somebody gave it on a dimension.

Two sources: our own labelled calls, each scored by two readers, and reviews that an organisation exports, one
JSON object a line:

    {"call": "7f3a", "dimension": "discovery", "value": 4, "reviewer": "coach-2", "features": {...},
     "draft": 3, "blind": false, "at": "2026-05-02T10:11:12Z"}

`value` is null where the reviewer found nothing to observe. Only features leave the call: no words.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

import annotators
from models.features import features
from models.landmarks import landmarks
from training.call_features import kept
from training.datasets import DATA, LabelledCall, UnreadableData

OURS = 1.0
FEWEST_CALLS = 10  # reviewed and held out, from which people's scores alone are what drafts are measured on
OVERRIDE = 3.0  # a person who changed the draft, or scored without seeing it, tells more than our readers
REVIEWED = "call "  # how the group of a review begins
CONFIRMED = 1.5  # agreeing with what is on the screen is easier than disagreeing with it


@dataclass(frozen=True, slots=True)
class Scored:
    """One score: of which call, by whom, how much it counts. `value` is 1..5, None for "not observed".

    `blind` is whether it was given without sight of a draft, as our readers' always are.
    """

    call: str
    group: str
    dimension: str
    value: int | None
    reviewer: str
    strength: float
    features: Mapping[str, float | None]
    blind: bool = True

    @property
    def reviewed(self) -> bool:
        """Whether it is an exported review, by a person, rather than a reading of ours."""
        return self.group.startswith(REVIEWED)


class _Review(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    call: str
    dimension: str
    value: int | None = Field(ge=1, le=5)
    reviewer: str
    features: dict[str, float | None]
    draft: int | None = None
    blind: bool = False
    kind: Literal["review"] = "review"


def from_calls(calls: Iterable[LabelledCall]) -> Iterator[Scored]:
    """Every reading's scores, with features of the call as it is annotated now; the group is its writer."""
    for call in calls:
        found = annotators.annotate(call.transcript, call_date=call.day)
        evidence = (*found, *landmarks(call.transcript))
        yield from _readings(call, features(call.transcript, evidence))


def from_kept(calls: Iterable[LabelledCall], folder: Path = DATA) -> Iterator[Scored]:
    """Scores of those calls whose features were kept from annotators that had not learned from them.

    Each call stands there as written and stripped of punctuation; the two share what a score counts.
    """
    found = kept(folder)
    for call in calls:
        styles = found.get(call.name, {})
        for measured in styles.values():
            yield from _readings(call, measured, OURS / len(styles))


def _readings(
    call: LabelledCall, measured: Mapping[str, float | None], strength: float = OURS
) -> Iterator[Scored]:
    for reading in call.readings:
        for dimension, value in reading.scores.items():
            yield Scored(call.name, call.writer, dimension, value, reading.reader, strength, measured)


def from_reviews(path: Path) -> Iterator[Scored]:
    """Exported reviews, in the order of the file; the group is the call.

    Raises:
        UnreadableData: a line is no review; the message names the file, the line and what is wrong.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableData(f"{path}: can't be read ({error}); give a file of exported reviews") from error
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            review = _review(path, number, line)
            yield Scored(
                call=review.call,
                group=f"{REVIEWED}{review.call}",
                dimension=review.dimension,
                value=review.value,
                reviewer=review.reviewer,
                strength=OVERRIDE if review.blind or review.value != review.draft else CONFIRMED,
                features=review.features,
                blind=review.blind,
            )


def people_alone(scored: Sequence[Scored]) -> list[Scored]:
    """The reviews among some scores, if they are of ten calls or more; else all."""
    people = [item for item in scored if item.reviewed]
    return people if len({item.call for item in people}) >= FEWEST_CALLS else list(scored)


def blind_alone(scored: Sequence[Scored]) -> list[Scored]:
    """What agreement is told by: scores given without sight of a draft, people's alone if there are enough.

    Who saw the draft tends to agree with it. Only where nothing at all was scored blind, all scores.
    """
    return people_alone([item for item in scored if item.blind]) or list(scored)


def _review(path: Path, number: int, line: str) -> _Review:
    try:
        return _Review.model_validate(json.loads(line))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise UnreadableData(f"{path}, line {number}: {place}: {first['msg']}") from None
    except ValueError as error:
        raise UnreadableData(f"{path}, line {number}: not JSON ({error})") from None
