"""What the routes of agreement give, as pydantic models with examples."""

import datetime as dt
import uuid
from typing import Any

from pydantic import BaseModel, ConfigDict

from service.agreement.figures import Figures

_FIGURES: dict[str, Any] = {
    "pairs": 64,
    "kappa": 0.61,
    "low": 0.45,
    "high": 0.74,
    "exact": 0.52,
    "within_one": 0.94,
    "bias": 0.17,
}


class FiguresOut(BaseModel):
    """Agreement of drafts with people on blind reads.

    `kappa` is Cohen's with quadratic weights, `low` and `high` its 95 % bootstrap interval over calls;
    `exact` and `within_one` are shares of pairs; `bias` is mean draft less person; above 0 is too kind.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [_FIGURES]})

    pairs: int
    kappa: float
    low: float
    high: float
    exact: float
    within_one: float
    bias: float

    @classmethod
    def of(cls, found: Figures) -> "FiguresOut":
        """From the figures."""
        return cls(**{name: round(getattr(found, name), 4) for name in cls.model_fields})


class SpellOut(BaseModel):
    """A month (2026-03) or a version of what scores; figures are None where pairs are few."""

    name: str
    pairs: int
    kappa: float | None
    bias: float | None


class DimensionOut(BaseModel):
    """A dimension; `figures` is None until there are `least` blind pairs, of which `pairs` are there.

    `people_only` says that its drafts are withheld, `since` when that began.
    """

    dimension: str
    title: str
    pairs: int
    figures: FiguresOut | None
    people_only: bool
    since: dt.datetime | None
    says: str
    months: list[SpellOut]
    versions: list[SpellOut]


class ReviewerOut(BaseModel):
    """Somebody who accepts nearly every draft, was told so a while ago, and goes on."""

    id: uuid.UUID
    name: str
    given: int
    accepted: int


class AgreementOut(BaseModel):
    """How far a team's drafts can be trusted, by dimension. `reviewers` is for managers."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "team": "0c9fd7c2-33f0-4a43-8f8e-4a3f4f6a7b20",
                    "floor": 0.4,
                    "least": 30,
                    "dimensions": [
                        {
                            "dimension": "discovery",
                            "title": "Discovery quality",
                            "pairs": 64,
                            "figures": _FIGURES,
                            "people_only": False,
                            "since": None,
                            "says": "Drafts and people agree well enough for drafts to be shown.",
                            "months": [{"name": "2026-03", "pairs": 31, "kappa": 0.58, "bias": 0.1}],
                            "versions": [],
                        }
                    ],
                    "reviewers": [],
                }
            ]
        }
    )

    team: uuid.UUID
    floor: float
    least: int
    dimensions: list[DimensionOut]
    reviewers: list[ReviewerOut]


class AcceptanceOut(BaseModel):
    """That one accepts nearly every draft of a team; `colleagues` is their share, None for few."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "team": "0c9fd7c2-33f0-4a43-8f8e-4a3f4f6a7b20",
                    "given": 48,
                    "accepted": 48,
                    "colleagues": 0.71,
                }
            ]
        }
    )

    team: uuid.UUID
    given: int
    accepted: int
    colleagues: float | None
