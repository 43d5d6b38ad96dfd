"""Where in a call a feature falls short, and what would mend it there.

A remedy is tried on the evidence: a place is only quoted if mending it moves the feature, so that advice
never asks for what was done. It knows no framework; how it is put in words stands in the framework's file.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from models.call import REP, AttributeValue, Evidence, Transcript
from models.features import REGISTRY
from models.measure import Call, Pick, view

TRIED = 40  # places; each costs a look for all the evidence of a label
REPLY = 3  # turns within which an answer is taken up

Attributes = Mapping[str, AttributeValue]


@dataclass(frozen=True, slots=True)
class Remedy:
    """What would move one feature.

    `at` picks the places; there `sets` attributes would change, evidence of the label `adds` (with
    `attributes`) would come from the rep, or the evidence would `drop` out. With none of the three the place
    is only pointed at. `unless` picks evidence that shows the thing done already, within three turns. `parts`
    are things each of which would move the feature, with the attributes of evidence `adds` for it.
    """

    at: Pick | None = None
    sets: Attributes = field(default_factory=dict)
    adds: str = ""
    attributes: Attributes = field(default_factory=dict)
    drop: bool = False
    unless: Pick | None = None
    parts: Mapping[str, Attributes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """A place to mend: its position in the evidence, and the evidence as it would be after."""

    position: int
    mended: tuple[Evidence, ...]


_ASKED: Attributes = {"discovery": True, "form": "open", "probing": True}
_GROUNDS: Mapping[str, Attributes] = {
    "impact": {**_ASKED, "topic": "impact", "impact": True},
    "decision": {**_ASKED, "topic": "decision"},
    "stakeholders": {**_ASKED, "topic": "stakeholders"},
    "timeline": {**_ASKED, "topic": "timeline"},
    "budget": {**_ASKED, "topic": "budget"},
}
_DECIDING = {name: asked for name, asked in _GROUNDS.items() if name != "impact"}

_QUESTION = Pick("question", attributes={"discovery": True})
# Other closed questions ("when does the board meet?") are fine as they are: they want a fact.
_YES_NO = Pick("question", attributes={"discovery": True, "asks": "yes_no"})
_PROBING = Pick("question", attributes={"discovery": True, "probing": True})
_FEATURE, _OUTCOME, _LINKED = Pick("feature"), Pick("outcome"), Pick("outcome", having=("link",))
_OBJECTION = Pick("objection", rep=False)
_STEP = Pick("next_step", rep=None)
_CONCRETE = Pick("next_step", rep=None, lacking=("vague",))


def _response(move: str) -> Remedy:
    return Remedy(_OBJECTION, adds="response", attributes={"move": move})


REMEDIES: Mapping[str, Remedy] = MappingProxyType(
    {
        "open_discovery_questions": Remedy(_YES_NO, sets={"form": "open"}),
        "probing_questions": Remedy(_QUESTION, sets={"probing": True}, unless=_PROBING),
        "discovery_breadth": Remedy(adds="question", parts=_GROUNDS),
        "decision_grounds": Remedy(adds="question", parts=_DECIDING),
        "impact_figures": Remedy(_QUESTION, sets={"impact": True}),
        "outcomes": Remedy(_FEATURE, adds="outcome", unless=_OUTCOME),
        "linked_outcomes": Remedy(_OUTCOME, sets={"link": "said"}),
        "tied_words": Remedy(_OUTCOME, sets={"link": "said", "tied": 1.0}),
        "tied_share": Remedy(_OUTCOME, sets={"link": "said", "tied": 1.0}),
        "untied_run": Remedy(_FEATURE, drop=True),
        "fitting_stories": Remedy(_LINKED, adds="story"),
        "quantified_outcomes": Remedy(_OUTCOME, sets={"quantified": True}),
        "quantified_for_buyer": Remedy(_LINKED, sets={"quantified": True}),
        "objections_answered": _response("evidence"),
        "objections_acknowledged": _response("acknowledge"),
        "objections_clarified": _response("clarify"),
        "objections_evidenced": _response("evidence"),
        "objections_confirmed": _response("confirm"),
        "objection_asked_about": _response("clarify"),
        "objection_settled_with": _response("confirm"),
        "answers_amiss": Remedy(Pick("response", attributes={"move": "argue"}), sets={"move": "clarify"}),
        "objections_resolved": Remedy(_OBJECTION, sets={"status": "resolved"}),
        "objections_argued": Remedy(Pick("response", attributes={"move": "argue"}), drop=True),
        "objections_caved": Remedy(Pick("response", attributes={"move": "concede"}), drop=True),
        "next_step_concrete": Remedy(_STEP, sets={"vague": False}),
        "next_step_owned": Remedy(_STEP, sets={"owner": REP}),
        "next_step_timed": Remedy(_STEP, sets={"when": "said"}),
        "next_step_left_open": Remedy(_CONCRETE, sets={"when": "said", "vague": False}),
        "next_step_loose_end": Remedy(_STEP, sets={"when": "said", "vague": False}),
        "next_step_agreed": Remedy(_STEP, sets={"agreed": True}),
        "next_step_shared": Remedy(_STEP, sets={"owner": "both"}),
        "next_step_mutual": Remedy(_STEP, sets={"owner": "both"}),
        "next_step_recapped": Remedy(_STEP, adds="recap"),
        "next_step_attendees": Remedy(_STEP, adds="stakeholder"),
        "hedges_per_100_words": Remedy(Pick("hedge"), drop=True),
        "longest_monologue_words": Remedy(Pick("monologue")),
    }
)


def place(name: str, transcript: Transcript, evidence: Sequence[Evidence]) -> Place | None:
    """The place whose mending moves a feature most its own way; None where nothing does.

    Of equal ones the wording that is used most, then what has most filled in (a step that lacks only its
    day), then the strongest, then the first. Linear in the evidence; at most 40 places are tried.
    """
    remedy, kind = REMEDIES.get(name), REGISTRY[name]
    if remedy is None or remedy.at is None:
        return None
    call = view(transcript, evidence)
    now = kind.of(call)
    best: tuple[float, Place] | None = None
    for position in _likeliest(remedy.at, remedy.unless, call)[:TRIED]:
        mended = _mended(remedy, transcript, evidence, position)
        after = kind.of(call.again(mended, remedy.adds or remedy.at.label))
        moved = 0.0 if now is None or after is None else (after - now) * kind.direction
        if (moved > 0 or mended == tuple(evidence)) and (best is None or moved > best[0]):
            best = moved, Place(position, mended)
    return best[1] if best else None


def missing(name: str, transcript: Transcript, evidence: Sequence[Evidence]) -> tuple[str, ...]:
    """The parts of a feature that are not there yet: those that would move it if they came."""
    remedy, kind = REMEDIES.get(name), REGISTRY[name]
    spoken = _rep_turn(transcript, 0)
    if remedy is None or spoken is None:
        return ()
    call = view(transcript, evidence)
    now = kind.of(call) or 0.0
    found = []
    for part, attributes in remedy.parts.items():
        more = (*evidence, Evidence(remedy.adds, spoken, 0, 1, attributes=attributes))
        if (kind.of(call.again(more, remedy.adds)) or 0.0) > now:
            found.append(part)
    return tuple(found)


def _mended(
    remedy: Remedy, transcript: Transcript, evidence: Sequence[Evidence], position: int
) -> tuple[Evidence, ...]:
    item = evidence[position]
    if remedy.drop:
        return (*evidence[:position], *evidence[position + 1 :])
    if remedy.adds:
        turn = _rep_turn(transcript, item.turn)
        added = [] if turn is None else [Evidence(remedy.adds, turn, 0, 1, attributes=remedy.attributes)]
        return (*evidence, *added)
    attributes = {**item.attributes, **remedy.sets}
    return (*evidence[:position], replace(item, attributes=attributes), *evidence[position + 1 :])


def _likeliest(at: Pick, unless: Pick | None, call: Call) -> list[int]:
    """Positions of the places to try, in the order in which equal ones are preferred."""
    done = [] if unless is None else [(item.turn, item.start) for _, item in unless.of(call)]

    def is_done(item: Evidence) -> bool:
        later = bisect_right(done, (item.turn, item.start))
        return later < len(done) and done[later][0] <= item.turn + REPLY

    places = [(position, item) for position, item in at.of(call) if not is_done(item)]
    said = Counter(_wording(call.transcript, item) for _, item in places)

    def rank(place: tuple[int, Evidence]) -> tuple[float, ...]:
        position, item = place
        filled = sum(value not in (None, False, "") for value in item.attributes.values())
        return (-said[_wording(call.transcript, item)], -filled, -item.strength, position)

    return [position for position, _ in sorted(places, key=rank)]


def _rep_turn(transcript: Transcript, after: int) -> int | None:
    """The rep's first turn with words from the turn `after` on."""
    turns = enumerate(transcript.turns)
    return next((i for i, turn in turns if i >= after and turn.speaker == REP and turn.words), None)


def _wording(transcript: Transcript, item: Evidence) -> str:
    words = transcript.turns[item.turn].words[item.start : item.stop]
    return " ".join(word.text for word in words).casefold()
