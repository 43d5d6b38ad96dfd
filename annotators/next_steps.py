"""Component: next steps. What either side commits to, who owns it, when, and whether the other side agrees.

A linear model and the network that reads the whole call tell which units are plans about the deal,
linear ones which of those in a turn are one step (`step_joins`), and which commit to little (`step_vague`).
While nobody is known to be the rep, a call may be any meeting: there every commitment counts, of which again
two judge together (`commitments`, `commitment_reader`).
"""

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import accumulate, groupby
from math import exp, expm1, log
from operator import itemgetter

from spacy.language import Language
from spacy.tokens import Doc

from annotators import linear
from annotators.call_reader import Read, call_read
from annotators.document import Finding, Layout, layout, record
from annotators.reader import both
from annotators.scoring import SpanScored
from annotators.step_actions import action
from annotators.step_cues import around, commitment_cues, places, step_cues
from annotators.step_joins import are_apart, days_named, join_cues
from annotators.step_marks import LIKELY, GoesOn, Marked, marked
from annotators.step_owner import owner
from annotators.step_reader import commitment_odds
from annotators.step_refusals import is_consent, is_refused
from annotators.step_rules import PATTERNS, Place, is_appointment, is_dated_promise, is_worth_a_look
from annotators.step_times import StepTime, step_time
from annotators.step_units import Unit
from annotators.utterances import Utterance, by_turn
from models.call import BUYER, REP

REPLY_TURNS = 3  # turns after the step in which the other side's answer is looked for
REPLY_UTTERANCES = 3  # how much of the answer says yes or no
DATED = 0.6  # likelihood of a plain promise or request with a time
BRIEF = 10  # tokens of a step that only names a time
NEAR = 3  # turns to either side in which an appointment belongs to another step
JOINED = 0.5  # likelihood from which a unit goes on with the step before it
VAGUE = 0.5  # likelihood from which a step is called vague
READ_VAGUE = 0.5  # share of the network in the log-odds
SURE = 0.5  # likelihood of what sounds like the product's doing
READ = 0.5  # share of the network in the log-odds of a unit
READ_JOINED = 0.4  # share of the network in the log-odds of joined units
BEGINNING = 3  # words of a unit with one of which a step that it begins may begin
COMMITTED = 0.3  # likelihood of a commitment in a meeting


@Language.factory("ridealong_next_steps", assigns=["doc.spans"], requires=["doc._.utterances"])
def create(nlp: Language, name: str) -> "Component":  # noqa: ARG001 - spaCy's signature
    """The component."""
    return Component()


class Component(SpanScored):
    """Writes `doc.spans["next_step"]`, with `action`, `owner`, `when`, `date`, `agreed` and more.

    `refused`: the other side turns it down. `vague`: it commits to little. `position` is the share of the
    call's words that were said before the step, 0..1.
    """

    labels = ("next_step",)
    compared = (
        "owner",
        "date",
        "agreed",
        "vague",
    )

    def __call__(self, doc: Doc) -> Doc:
        """Looks ahead over a bounded number of turns only."""
        record(doc, "next_step", _findings(layout(doc), by_turn(doc), call_read(doc)))
        return doc


def _findings(call: Layout, said: list[list[Utterance]], read: Read) -> Iterator[Finding]:
    turns = [places(turn) for turn in said]
    begins = list(accumulate((len(turn.words) for turn in call.turns), initial=0))
    if call.roles == "unknown":
        likely, least = _committed(call, said, turns), COMMITTED
    else:
        likely, least = _likely(call, turns, read), LIKELY
    for number, (row, chances) in enumerate(zip(turns, likely, strict=True)):
        steps = marked(number, chances, _joining(call, row, read), least=least)
        ranges = [step.words(turns) for step in steps]
        for index, step in enumerate(steps):
            taken = ranges[:index] + ranges[index + 1 :]
            finding = _finding(call, said, turns, step, taken, read=read)
            finding.attributes["position"] = round((begins[number] + finding.start) / begins[-1], 3)
            yield finding


Likely = dict[int, float]  # by the number of a unit in its turn


def _likely(call: Layout, turns: Sequence[Sequence[Place]], read: Read) -> Iterator[Likely]:
    """How likely units of a sales call are steps, turn by turn."""
    model, count = linear.load("next_steps"), len(turns)
    keys = [
        (number, index)
        for number, row in enumerate(turns)
        for index, place in enumerate(row)
        if is_worth_a_look(place, number, count)
    ]
    likely = [Likely() for _ in turns]
    for number, of_turn in groupby(keys, key=itemgetter(0)):
        row, shared = turns[number], around(call, turns, number)
        for _, index in of_turn:
            words = number, *row[index].unit.words()
            if read.rules_out("step", words, "N"):
                share = 0.0
            else:
                chances = model.probabilities(step_cues(row, index, shared))
                share = read.mixed("step", words, chances, READ)["S"]
            if "product" in row[index].groups and share < SURE:
                continue  # "the system will send a reminder"
            dated = is_dated_promise(row[index], number, count)
            likely[number][index] = max(share, DATED) if dated else share
    _add_appointments(turns, keys, likely)
    return iter(likely)


def _add_appointments(
    turns: Sequence[Sequence[Place]], keys: Sequence[tuple[int, int]], likely: Sequence[Likely]
) -> None:
    """Times that both sides settle are steps, too, where no other step stands near of which they are part."""
    for number, index in keys:
        near = likely[max(0, number - NEAR) : number + NEAR + 1]
        alone = not any(share >= LIKELY for units in near for share in units.values())
        if alone and is_appointment(turns, number, index):
            likely[number][index] = DATED


def _committed(
    call: Layout, said: Sequence[Sequence[Utterance]], turns: Sequence[Sequence[Place]]
) -> Iterator[Likely]:
    """How likely units of talk without known roles are commitments, turn by turn."""
    keys = [
        (number, index)
        for number, row in enumerate(turns)
        for index, place in enumerate(row)
        if place.unit.may_plan
    ]
    model, likely = linear.load("commitments"), [Likely() for _ in turns]
    for (number, index), odds in commitment_odds(call, said, turns, keys).items():
        row = turns[number]
        share = both(model.probabilities(commitment_cues(row[index], len(row)))["yes"], odds)
        likely[number][index] = share
    return iter(likely)


def _joining(call: Layout, row: Sequence[Place], read: Read) -> GoesOn:
    """How the units of a turn are joined; in a meeting each is a commitment of its own."""
    if call.roles == "unknown":
        return lambda _part, _after: False

    @cache
    def days() -> Sequence[frozenset[str]]:
        return days_named(row, call.call_date)

    def goes_on(part: range, after: int) -> bool:
        if are_apart(row, part, after, days()):
            return False
        cues = join_cues(row, part, after, days())
        joined = linear.load("step_joins").probabilities(cues)["joined"]
        if not read.silent:
            joined = both(joined, -_begins(read, row[after].unit), READ_JOINED)
        return joined > JOINED

    return goes_on


def _begins(read: Read, unit: Unit) -> float:
    """Log-odds that a step begins with one of the first words of a unit."""
    start, stop = unit.words()
    first = min(stop, start + BEGINNING)
    (no,) = read.chances("step_begins", unit.utterance.turn, start, first, ("no",))
    none = min(no * (first - start), -1e-4)
    return log(-expm1(none)) - none


def _finding(
    call: Layout,
    said: Sequence[Sequence[Utterance]],
    turns: Sequence[Sequence[Place]],
    step: Marked,
    taken: Sequence[tuple[int, int]],
    *,
    read: Read,
) -> Finding:
    row = turns[step.turn][step.first : step.last]
    start, stop = step.words(turns)
    words = [turn.words for turn in call.turns]
    who = owner(call, step.turn, row, read)
    side = REP if call.is_rep(step.turn) else BUYER
    time = step_time(
        words,
        said,
        (step.turn, start, stop),
        taken,
        call.call_date,
        meets=who == "both",
        elsewhere=None if read.silent else _dated_elsewhere(read, (step.turn, start, stop)),
    )
    vague = is_vague(call, turns, step, time, read=read)
    refused = is_refused(said, step.turn, start, stop)
    return Finding(
        step.turn,
        start,
        stop,
        min(0.95, step.likelihood),
        {
            "action": "meet" if _only_appoints(row) else action(words, turns, step, side, who),
            "owner": who,
            "when": time.words if time else None,
            "date": time.date.isoformat() if time and time.date else None,
            "agreed": not refused and is_agreed(said, step.turn, stop, asked=vague and who == "both"),
            "refused": refused,
            "vague": vague,
        },
    )


def _dated_elsewhere(read: Read, words: tuple[int, int, int]) -> float:
    """How likely other words name the day of a step (turn, start, stop) than its own, if any do."""
    none, other = (exp(chance) for chance in read.chances("dated", *words, ("no", "other")))
    return other / (none + other)


def _only_appoints(row: Sequence[Place]) -> bool:
    """Whether a step says when, and leaves open what is to be done: "shall we say Tuesday at nine"."""
    return (
        len(row) == 1
        and "appoint" in row[0].groups
        and row[0].time == "day"
        and len(row[0].unit.tokens) <= BRIEF
    )


def is_vague(
    call: Layout, turns: Sequence[Sequence[Place]], step: Marked, time: StepTime | None, *, read: Read
) -> bool:
    """Whether the step commits to little: no real time, and nothing that could be checked."""
    if time and time.date:
        return False
    cues = vague_cues(call, turns, step.turn, range(step.first, step.last), time)
    by_cues = linear.load("step_vague").probabilities(cues)
    return read.mixed("vague", (step.turn, *step.words(turns)), by_cues, READ_VAGUE)["True"] > VAGUE


def vague_cues(
    call: Layout, turns: Sequence[Sequence[Place]], turn: int, row: range, time: StepTime | None
) -> set[str]:
    """What tells a vague step: the cues of the units of the half-open range `row` of a turn, and its time."""
    planned = [index for index in row if turns[turn][index].unit.may_plan]
    shared = around(call, turns, turn)
    when = _how_definite(time, [turns[turn][index] for index in row])
    cues = {f"when:{when}", f"when:{when} {shared.side}", f"when:{when} {shared.late}"}
    cues.update(f"when:{when} {turns[turn][index].head}>{turns[turn][index].kind}" for index in planned)
    if time and when != "day":
        cues.update(f"when^{word}" for word in time.words.lower().split()[:2])
    return cues.union(*(step_cues(turns[turn], index, shared) for index in planned))


def _how_definite(time: StepTime | None, row: Sequence[Place]) -> str:
    """Whether a step's time is a day, even if nobody knows which, some other time, open, or not said."""
    if (time and time.date) or any(place.time == "day" for place in row):
        return "day"
    return "none" if time is None else "open" if time.vague else "some"


def is_agreed(said: Sequence[Sequence[Utterance]], turn: int, stop: int, *, asked: bool) -> bool:
    """Whether the other side accepts, or lets it stand; where it is `asked` for, silence is no yes."""
    speaker = said[turn][0].speaker if said[turn] else ""
    if any(item.start >= stop and answers([item]) is False for item in said[turn]):
        return False
    for following in said[turn + 1 : turn + 1 + REPLY_TURNS]:
        if following and following[0].speaker != speaker:
            answer = answers(following[:REPLY_UTTERANCES])
            if answer is not None:
                return answer
    return not asked


def answers(said: Sequence[Utterance]) -> bool | None:
    """Yes (True), no (False) or neither (None), by how the utterances begin."""
    for utterance in said:
        groups = {match.group for match in PATTERNS.at_start(utterance)}
        if "reject" in groups:
            return is_consent(utterance)
        if "accept" in groups:
            return True
    return None
