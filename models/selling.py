"""Features of the pitch: counts and shares of what the rep says about the product and its results.

The counts are not capped, because people follow them from week to week; the scorer's transforms
saturate, so that length alone buys nothing.
"""

from collections.abc import Sequence

from models.call import Evidence
from models.discovery import DISCOVERY
from models.measure import Call, Feature, Pick, feature

SELLING: dict[str, Feature] = {}

FEATURE = Pick("feature")
OUTCOME = Pick("outcome")
LINKED = Pick("outcome", having=("link",))
QUANTIFIED = Pick("outcome", having=("quantified",))
QUANTIFIED_HERE = Pick("outcome", having=("quantified", "link"))
STORY = Pick("story")
ROI = Pick("roi")


def _count(call: Call, pick: Pick) -> int:
    return len(pick.of(call))


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _words(items: Sequence[tuple[int, Evidence]]) -> int:
    return sum(max(0, item.stop - item.start) for _, item in items)


@feature(SELLING, "passages", 0, [FEATURE, OUTCOME, STORY, ROI])
def offer_passages(call: Call) -> float:
    """How often the rep speaks about the offer at all.

    Number of `feature`, `outcome`, `story` and `roi` by the rep.
    """
    return sum(_count(call, pick) for pick in (FEATURE, OUTCOME, STORY, ROI))


@feature(SELLING, "passages", 1, [OUTCOME])
def outcomes(call: Call) -> float:
    """Passages of the rep on what changes for a customer.

    Number of `outcome` by the rep.
    """
    return _count(call, OUTCOME)


@feature(SELLING, "share", 1, [OUTCOME])
def outcome_share(call: Call) -> float | None:
    """Share of the pitch that is about outcomes rather than features.

    Words in `outcome` / words in `outcome` and `feature`, all by the rep; None without either.
    """
    words = _words(OUTCOME.of(call))
    return _share(words, words + _words(FEATURE.of(call)))


@feature(SELLING, "passages", 1, [LINKED])
def linked_outcomes(call: Call) -> float:
    """Outcomes tied to something this buyer said.

    Number of `outcome` by the rep with `link`.
    """
    return _count(call, LINKED)


@feature(SELLING, "share", 1, [LINKED])
def linked_share(call: Call) -> float | None:
    """Share of the outcomes that are tied to something this buyer said.

    linked_outcomes / outcomes; None without outcomes.
    """
    return _share(_count(call, LINKED), _count(call, OUTCOME))


@feature(SELLING, "passages", 1, [QUANTIFIED])
def quantified_outcomes(call: Call) -> float:
    """Outcomes with a figure.

    Number of `outcome` by the rep with `quantified` true.
    """
    return _count(call, QUANTIFIED)


@feature(SELLING, "passages", 1, [QUANTIFIED_HERE, ROI])
def quantified_for_buyer(call: Call) -> float:
    """Outcomes put in figures for this very buyer.

    Number of `outcome` by the rep with both `quantified` and `link`, and of `roi`.
    """
    return _count(call, QUANTIFIED_HERE) + _count(call, ROI)


@feature(SELLING, "stories", 1, [STORY])
def stories(call: Call) -> float:
    """Stories of other customers told by the rep.

    Number of `story` by the rep.
    """
    return _count(call, STORY)


@feature(SELLING, "stories", 1, [STORY])
def fitting_stories(call: Call) -> float:
    """Customer stories in a pitch that speaks to this buyer's needs.

    Number of `story` by the rep once at least one `outcome` has a `link`, else 0.
    """
    return _count(call, STORY) if LINKED.of(call) else 0


@feature(SELLING, "yes/no", 1, [STORY, QUANTIFIED_HERE, ROI])
def value_proven(call: Call) -> float:
    """Whether a pitch that speaks to this buyer's needs has both a story and figures for them.

    1 if fitting_stories >= 1 and quantified_for_buyer >= 1, else 0.
    """
    return bool(fitting_stories(call)) and bool(quantified_for_buyer(call))


@feature(SELLING, "yes/no", picks=[DISCOVERY, FEATURE, OUTCOME])
def selling_talk(call: Call) -> float:
    """Whether the rep asks about the buyer or speaks about the offer at all.

    1 if discovery_questions >= 1 or offer_passages >= 1, else 0, as in pure logistics.
    """
    return bool(DISCOVERY.of(call)) or bool(offer_passages(call))


@feature(SELLING, "people", 0, [Pick("stakeholder", rep=None)])
def stakeholders(call: Call) -> float:
    """Mentions of people with a say in the decision.

    Number of `stakeholder` by anybody.
    """
    return _count(call, Pick("stakeholder", rep=None))
