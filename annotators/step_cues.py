"""What the models of next steps see of a unit: its words, their use in plans, and the talk around."""

from collections.abc import Sequence
from dataclasses import dataclass

from annotators.cues import phrase_cues
from annotators.dates import find_times
from annotators.document import Layout
from annotators.step_heads import LEADS, head
from annotators.step_rules import KINDS, PATTERNS, Place, accepted, rule_cues, stage
from annotators.step_shapes import DAYS, shape_cues
from annotators.step_units import Unit, units
from annotators.utterances import Utterance

_PLANNING = frozenset({"promise", "told", "i now", "joint", "let we", "let us", "ask"})
_BEFORE, _AFTER = 3, 4  # units of the neighbouring turns that are looked at


def places(turn: Sequence[Utterance]) -> list[Place]:
    """The units of a turn with what describes them; those that can't be plans have no groups."""
    return [_place(unit) for unit in units(turn)]


def _place(unit: Unit) -> Place:
    if not unit.may_plan:
        return Place(unit, frozenset(), "", "", "")
    utterance = unit.utterance
    name, at = head(unit)
    kinds = sorted(match.group for match in PATTERNS.at_start(utterance, at)) if at < unit.last else []
    kind = next((found for found in kinds if found in KINDS), "")
    groups = frozenset(match.group for match in PATTERNS.find_within(utterance, unit.first, unit.last))
    return Place(unit, groups, name, kind, _time(unit))


def _time(unit: Unit) -> str:
    times = find_times(unit.utterance, unit.first, unit.last, None)  # only whether a day is named counts
    if any(item.has_day for item in times):
        return "day"
    return "vague" if any(item.vague for item in times) else "clock" if times else ""


@dataclass(frozen=True, slots=True)
class Around:
    """What the units of a turn share: who speaks, how late it is, what the answer makes of it, cues."""

    side: str
    late: str
    accepted: str
    cues: frozenset[str]


def around(call: Layout, turns: Sequence[Sequence[Place]], turn: int) -> Around:
    """What the units of one turn share; `turns` holds the places of every turn of the call."""
    side = "rep" if call.is_rep(turn) else "buyer" if call.has_rep else "any"
    cues = _standing(len(turns), turn) | _neighbours(turns, turn)
    return Around(side, stage(len(turns), turn), accepted(turns, turn), frozenset(cues))


def step_cues(row: Sequence[Place], index: int, shared: Around) -> set[str]:
    """Cues of one unit of a turn, whose places are `row`."""
    place = row[index]
    cues = phrase_cues(place.unit.utterance, place.unit.first, place.unit.last)
    cues |= _described("", place)
    cues |= _planned(place, shared.side)
    cues |= rule_cues(place, shared.side, shared.late, shared.accepted)
    cues |= _described("before:", row[index - 1]) if index else {"before:first"}
    cues |= _described("after:", row[index + 1]) if index + 1 < len(row) else {"after:last"}
    cues |= shape_cues(place.unit)
    cues |= _in_turn(row, index, shared.side)
    cues |= shared.cues
    return cues


def _in_turn(row: Sequence[Place], index: int, side: str) -> set[str]:
    """What the unit lacks and the turn around it has: a day before or after, other plans."""
    place = row[index]
    tags = place.unit.utterance.tags[place.unit.first : place.unit.last]
    before = any(other.time == "day" for other in row[:index])
    after = any(other.time == "day" for other in row[index + 1 :])
    plans = sum(other.head in _PLANNING for other in row)
    cues = {
        f"turn day:{before}{after}", f"turn day:{before}{after} {place.head}", f"plans:{min(plans, 5)}",
        f"turn day:{before}{after} {place.head}>{place.kind}", f"turn units:{min(len(row) // 3, 5)}",
        f"verbless:{not any(tag.startswith(('VB', 'MD')) for tag in tags)} {place.time}",
        f"past:{'VBD' in tags} {place.head}",
    }  # fmt: skip
    opening = next((token for token in place.unit.tokens if token not in LEADS), "")
    if opening in DAYS or opening == "tomorrow":
        cues |= {"starts day", f"starts day {side}"}
    return cues


def _planned(place: Place, side: str) -> set[str]:
    plan = f"{place.head}>{place.kind}"
    thing = "document" if "document" in place.groups else ""
    return {
        plan, f"{side} {plan}", f"{side} {place.head}", f"{plan} {place.time}", f"{side} time:{place.time}",
        f"{plan} {thing}", f"{place.kind} {thing}", f"any kind:{bool(place.groups & KINDS)} {place.head}",
    }  # fmt: skip


def _described(prefix: str, place: Place) -> set[str]:
    cues = {f"{prefix}g:{group}" for group in place.groups}
    return cues | {f"{prefix}time:{place.time}", f"{prefix}head:{place.head}", f"{prefix}kind:{place.kind}"}


def _standing(count: int, turn: int) -> set[str]:
    left = count - 1 - turn
    share = (turn + 1) / count
    near = next((str(limit) for limit in (1, 2, 4, 7, 11, 16) if left <= limit), "far")
    return {f"left:{near}", *(f"past:{limit}" for limit in (0.3, 0.5, 0.6, 0.7, 0.8, 0.9) if share > limit)}


def _neighbours(turns: Sequence[Sequence[Place]], turn: int) -> set[str]:
    """How the turns before and after begin, and whether they name times or do things with the plan."""
    cues = set()
    for name, other in (("prior", turn - 1), ("reply", turn + 1)):
        row = turns[other] if 0 <= other < len(turns) else []
        if not row:
            cues.add(f"{name}:none")
            continue
        seen = row[:_AFTER] if name == "reply" else row[-_BEFORE:]
        first = seen[0].unit
        opening = PATTERNS.at_start(first.utterance, first.first)
        cues.update(f"{name}^{match.group}" for match in opening if match.group in {"accept", "reject"})
        cues.update(f"{name}:{group}" for place in seen for group in place.groups & KINDS)
        cues.update(f"{name}:{place.time}" for place in seen if place.time)
        cues.add(f"{name}^{first.tokens[0]}")
        if seen[-1].unit.utterance.ending == "?":
            cues.add(f"{name}?")
    return cues


def commitment_cues(place: Place, count: int) -> set[str]:
    """Cues of a unit for commitments in any meeting; `count` units stand in its turn."""
    unit = place.unit
    cues = {cue for cue in phrase_cues(unit.utterance, unit.first, unit.last) if not cue.startswith("end:")}
    plan = f"{place.head}>{place.kind}"
    return cues | _described("", place) | {plan, f"{plan} {place.time}", f"units:{min(count, 3)}"}
