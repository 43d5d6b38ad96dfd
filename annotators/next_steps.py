"""Component: next steps. What either side commits to, who owns it, when, and whether the other side agrees.

Linear models tell which units are plans about the deal (`next_steps`), and which of them commit to little
(`step_vague`). While nobody is known to be the rep, a call may be any meeting: there every commitment counts
(`commitments`).
"""

from collections.abc import Iterator, Mapping, Sequence

from spacy.language import Language
from spacy.tokens import Doc

from annotators import linear
from annotators.document import Finding, Layout, layout, record
from annotators.scoring import SpanScored
from annotators.step_cues import around, commitment_cues, places, step_cues
from annotators.step_marks import BEGINS, GOES_ON, LIKELY, NONE, Marked, at_least, marked
from annotators.step_rules import PATTERNS, Place, is_dated_promise, is_worth_a_look
from annotators.step_times import StepTime, step_time
from annotators.utterances import Utterance, by_turn
from models.call import BUYER, REP

REPLY_TURNS = 3  # turns after the step in which the other side's answer is looked for
REPLY_UTTERANCES = 3  # how much of the answer says yes or no
ACTION_WORDS = 20  # length of the action as shown
DATED = 0.6  # likelihood of a plain promise or request with a time
VAGUE = 0.5  # likelihood from which a step is called vague
COMMITTED = 0.33  # likelihood of a commitment in a meeting
_TOGETHER = frozenset({"joint", "let us", "let we", "we may", "we need"})
_OF_OTHERS = frozenset({"ask", "order", "told", "you now", "you may", "you else"})
_RECEIVES = frozenset({"have", "get", "receive", "see", "hear"})  # "you will have it": the speaker sends it
_LEADS = frozenset(
    {"and", "so", "then", "okay", "but", "well", "yes", "yeah", "right", "um", "uh", "look", "oh"}
)


@Language.factory("ridealong_next_steps", assigns=["doc.spans"], requires=["doc._.utterances"])
def create(nlp: Language, name: str) -> "Component":  # noqa: ARG001 - spaCy's signature
    """The component."""
    return Component()


class Component(SpanScored):
    """Writes `doc.spans["next_step"]` with `action`, `owner`, `when`, `date`, `agreed`, `vague`."""

    labels = ("next_step",)
    compared = (
        "owner",
        "date",
        "agreed",
        "vague",
    )

    def __call__(self, doc: Doc) -> Doc:
        """Looks ahead over a bounded number of turns only."""
        record(doc, "next_step", _findings(layout(doc), by_turn(doc)))
        return doc


def _findings(call: Layout, said: list[list[Utterance]]) -> Iterator[Finding]:
    turns = [places(turn) for turn in said]
    for number in range(len(turns)):
        likely = _likely(call, turns, number)
        steps = marked(number, likely)
        ranges = [step.words(turns) for step in steps]
        for index, step in enumerate(steps):
            taken = ranges[:index] + ranges[index + 1 :]
            yield _finding(call, said, turns, step, taken)


def _likely(call: Layout, turns: Sequence[Sequence[Place]], number: int) -> dict[int, Mapping[str, float]]:
    likely: dict[int, Mapping[str, float]] = {}
    count, row = len(turns), turns[number]
    looked_at = [
        (index, place)
        for index, place in enumerate(row)
        if (is_worth_a_look(place, number, count) if call.has_rep else place.unit.may_plan)
    ]
    if not looked_at:
        return likely
    shared = around(call, turns, number)
    for index, place in looked_at:
        if call.has_rep:
            shares = linear.load("next_steps").probabilities(step_cues(row, index, shared))
            if is_dated_promise(place, number, count):
                goes_on = place.head == "told" and any(1 - item[NONE] >= LIKELY for item in likely.values())
                shares = at_least(shares, DATED, GOES_ON if goes_on else BEGINS)
            likely[index] = shares
        else:
            cues = commitment_cues(place, len(row))
            share = linear.load("commitments").probabilities(cues)["yes"]
            sure = share if share > COMMITTED else 0.0
            likely[index] = {BEGINS: sure, GOES_ON: 0.0, NONE: 1 - sure}
    return likely


def _finding(
    call: Layout,
    said: Sequence[Sequence[Utterance]],
    turns: Sequence[Sequence[Place]],
    step: Marked,
    taken: Sequence[tuple[int, int]],
) -> Finding:
    row = turns[step.turn][step.first : step.last]
    start, stop = step.words(turns)
    words = [turn.words for turn in call.turns]
    who = owner(call, step.turn, row)
    time = step_time(words, said, (step.turn, start, stop), taken, call.call_date, meets=who == "both")
    vague = is_vague(call, turns, step, time)
    return Finding(
        step.turn,
        start,
        stop,
        min(0.95, step.likelihood),
        {
            "action": _action(words[step.turn][start:stop], time),
            "owner": who,
            "when": time.words if time else None,
            "date": time.date.isoformat() if time and time.date else None,
            "agreed": is_agreed(said, step.turn, stop, asked=vague and who == "both"),
            "vague": vague,
        },
    )


def _action(words: Sequence[str], time: StepTime | None) -> str:
    """The words of the step without those that lead in, and without its time."""
    first = 0
    while first < len(words) - 1 and words[first].lower().strip(",.") in _LEADS:
        first += 1
    text = " ".join(words[first : first + ACTION_WORDS])
    if time and f" {time.words}" in text and text != time.words:
        text = text.replace(f" {time.words}", "", 1)
    return text.strip(" ,.?!;")


def owner(call: Layout, turn: int, row: Sequence[Place]) -> str | None:
    """Who has to act; None while nobody knows who the rep is and it isn't both."""
    heads = [place.head for place in row if place.head]
    head = heads[0] if heads else ""
    groups = row[0].groups
    meeting = any(place.kind in {"talk", "book"} for place in row[:1]) or "talk" in groups
    if head in _TOGETHER and (meeting or head in {"let us", "let we"}):
        return "both"
    if "farewell" in groups or ("proposal" in groups and head == "other"):
        return "both"
    if not call.has_rep:
        return None
    giving = head == "told" and not _RECEIVES.isdisjoint(row[0].unit.tokens[:6])
    others = head in _OF_OTHERS and not giving
    return REP if call.is_rep(turn) != others else BUYER


def is_vague(call: Layout, turns: Sequence[Sequence[Place]], step: Marked, time: StepTime | None) -> bool:
    """Whether the step commits to little: no real time, and nothing that could be checked."""
    if time and time.date:
        return False
    cues = vague_cues(call, turns, step.turn, range(step.first, step.last))
    return linear.load("step_vague").probabilities(cues)["True"] > VAGUE


def vague_cues(call: Layout, turns: Sequence[Sequence[Place]], turn: int, row: range) -> set[str]:
    """What tells a vague step: the cues of the units of the half-open range `row` of a turn."""
    planned = (index for index in row if turns[turn][index].unit.may_plan)
    shared = around(call, turns, turn)
    return set[str]().union(*(step_cues(turns[turn], index, shared) for index in planned))


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
            return False
        if "accept" in groups:
            return True
    return None
