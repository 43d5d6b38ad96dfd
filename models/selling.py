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


def _tied(item: Evidence) -> float:
    """How much of a passage is a result tied to this buyer, 0..1; told by the link alone in older results."""
    known = item.attributes.get("tied")
    if isinstance(known, int | float):
        return min(max(float(known), 0.0), 1.0)
    link = item.attributes.get("link")  # the index of a turn, so that 0 is one
    return float(item.label == "outcome" and link is not None and link is not False and link != "")


def _words_tied(call: Call) -> float:
    talk = [item for pick in (OUTCOME, FEATURE) for _, item in pick.of(call)]
    return sum(max(0, item.stop - item.start) * _tied(item) for item in talk)


@feature(SELLING, "words", 1, [OUTCOME, FEATURE])
def tied_words(call: Call) -> float:
    """How much of the pitch is results tied to something this buyer said.

    Sum, over `feature` and `outcome` by the rep, of words x `tied`, the likelihood that they tell a result,
    by how near to it lies what the buyer said. Without `tied`: the words of each `outcome` with `link`.
    """
    return _words_tied(call)


@feature(SELLING, "share", 1, [OUTCOME, FEATURE])
def tied_share(call: Call) -> float | None:
    """Share of the pitch that is results tied to something this buyer said.

    tied_words / words in `outcome` and `feature`, all by the rep; None without either.
    """
    whole = _words(OUTCOME.of(call)) + _words(FEATURE.of(call))
    return _words_tied(call) / whole if whole else None


@feature(SELLING, "words", -1, [FEATURE])
def untied_run(call: Call) -> float:
    """How long the rep tells of the product before coming back to this buyer or to a customer like them.

    Most words in `feature` by the rep with no `story` and no `outcome` with `link` between them.
    """
    breaks = [(item.turn, item.start) for _, item in (*LINKED.of(call), *STORY.of(call))]
    passages = [((item.turn, item.start), max(0, item.stop - item.start)) for _, item in FEATURE.of(call)]
    longest = run = 0
    for _, size in sorted([*passages, *((place, -1) for place in breaks)]):
        run = 0 if size < 0 else run + size
        longest = max(longest, run)
    return longest


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
