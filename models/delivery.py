"""Features of how a call is carried, from words and their times alone.

Nothing is measured on the sound of a voice, and nothing may be: emotion, stress or personality are
never inferred (EU AI Act, article 5(1)(f)).
"""

from statistics import median

from models.call import REP
from models.closing import RECAP
from models.floor import exchanges, is_listening, shared, spans_of, union
from models.measure import Call, Feature, Pick, feature

DELIVERY: dict[str, Feature] = {}

FILLER = Pick("filler")
HEDGE = Pick("hedge")
AGENDA = Pick("agenda")
NAME_USE = Pick("name_use")
BUSINESS_TERM = Pick("business_term")
MONOLOGUE = Pick("monologue")

WORDS_PER_MINUTE = 150  # ordinary conversational English, for speaking time where words have no times
INTERRUPTION = 0.3  # seconds of talk over somebody that is more than an early start
INTERRUPTION_FLOOR = 5.0  # minutes; a shorter call counts as this long, so that one slip is no trait
FEWEST_ANSWERS = 3  # a median over fewer answers says nothing


def _minutes(call: Call) -> float | None:
    """Length of the call: the recording's where it is known, else up to the last word's end."""
    if call.transcript.duration is not None:
        return call.transcript.duration / 60
    last = max((end for turn in call.turns for _, end in spans_of(turn)), default=None)
    return None if last is None else last / 60


def _interruptions(call: Call, *, by_rep: bool) -> float | None:
    """Interruptions by one side in 10 minutes."""
    minutes = _minutes(call)
    if not minutes:
        return None
    count = 0
    for before, after in exchanges(call.turns):
        if (after.speaker == REP) != by_rep or is_listening(after, asked=False):
            continue
        cut, begun = before.words[-1].end, after.words[0].start
        if cut is not None and begun is not None and (after.words[-1].end or begun) > cut:
            count += cut - begun > INTERRUPTION
    return count / max(minutes, INTERRUPTION_FLOOR) * 10


def _per_100(call: Call, pick: Pick) -> float:
    return len(pick.of(call)) / call.words[REP] * 100


@feature(DELIVERY, "minutes", needs_rep=False)
def call_minutes(call: Call) -> float | None:
    """Length of the call.

    Duration of the recording, or the end of the last word where that isn't known.
    """
    return _minutes(call)


@feature(DELIVERY, "words", needs_rep=False)
def call_words(call: Call) -> float:
    """Words said by everybody.

    White-space separated words of all turns.
    """
    return sum(call.words.values())


@feature(DELIVERY, "minutes")
def rep_minutes(call: Call) -> float:
    """Speaking time of the rep.

    Words and the pauses of up to a second between them; without times, words / 150 a minute.
    """
    if not call.timed:
        return call.words[REP] / WORDS_PER_MINUTE
    return sum(s for turn, s in zip(call.turns, call.speaking, strict=True) if turn.speaker == REP) / 60


@feature(DELIVERY, "switches", needs_rep=False)
def switches(call: Call) -> float:
    """How often the speaker changes.

    Number of turns with words that follow another speaker's.
    """
    return sum(1 for _ in exchanges(call.turns))


@feature(DELIVERY, "switches a minute", timed=True, needs_rep=False)
def switches_per_minute(call: Call) -> float | None:
    """How often the floor changes hands.

    switches / call_minutes.
    """
    minutes = _minutes(call)
    return sum(1 for _ in exchanges(call.turns)) / minutes if minutes else None


@feature(DELIVERY, "share")
def talk_ratio(call: Call) -> float | None:
    """The rep's share of all speech.

    Speaking time of the rep / of everybody, a speaking time being words and the pauses of up to a second
    between them. Without times, the same of words. None where only one person speaks.
    """
    if len([speaker for speaker, count in call.words.items() if count]) < 2:
        return None
    if not call.timed:
        return call.words[REP] / sum(call.words.values())
    rep = everybody = 0.0
    for turn, seconds in zip(call.turns, call.speaking, strict=True):
        everybody += seconds
        rep += seconds if turn.speaker == REP else 0.0
    return rep / everybody if everybody else None


@feature(DELIVERY, "seconds", -1, [MONOLOGUE], timed=True)
def longest_monologue(call: Call) -> float | None:
    """The rep's longest time at a stretch.

    Longest run of the rep, from its first word's start to its last word's end; a listener's "mhm" doesn't
    end a run. None where only one person speaks.
    """
    if len(call.words) < 2:
        return None
    return max((run.seconds for run in call.runs if run.rep), default=0.0)


@feature(DELIVERY, "words", -1, [MONOLOGUE])
def longest_monologue_words(call: Call) -> float | None:
    """The rep's longest run in words, known for every transcript.

    Words of the rep's longest run, a run as in longest_monologue. None where only one person speaks.
    """
    if len(call.words) < 2:
        return None
    return max((run.words for run in call.runs if run.rep), default=0)


@feature(DELIVERY, "seconds", timed=True)
def longest_buyer_turn(call: Call) -> float:
    """The buyer's longest time at a stretch.

    Longest run of anybody but the rep, measured as longest_monologue.
    """
    return max((run.seconds for run in call.runs if not run.rep), default=0.0)


@feature(DELIVERY, "seconds", timed=True)
def patience(call: Call) -> float | None:
    """How long the rep waits before answering.

    Median, over the turns of the rep after somebody else's, of the start less the end before it; an
    overlap counts as no pause, and signs of listening aren't turns. None under three such turns.
    """
    waits = [
        max(0.0, after.start - before.end)
        for before, after in exchanges(turn for run in call.runs for turn in run.turns)
        if after.speaker == REP and after.start is not None and before.end is not None
    ]
    return median(waits) if len(waits) >= FEWEST_ANSWERS else None


@feature(DELIVERY, "share", timed=True)
def overlap_share(call: Call) -> float | None:
    """Share of the talking in which the rep and somebody else speak at once.

    Seconds covered by words of both sides / seconds covered by words of either.
    """
    rep = union(span for turn in call.turns if turn.speaker == REP for span in spans_of(turn))
    others = union(span for turn in call.turns if turn.speaker != REP for span in spans_of(turn))
    both = shared(rep, others)
    either = sum(end - start for spans in (rep, others) for start, end in spans) - both
    return both / either if either else None


@feature(DELIVERY, "in 10 minutes", -1, timed=True)
def rep_interruptions(call: Call) -> float | None:
    """How often the rep cuts in.

    Turns of the rep, more than a sign of listening, that begin over 0.3 s before the other's turn ends and
    outlast it, in 10 minutes; a call under five minutes counts as five.
    """
    return _interruptions(call, by_rep=True)


@feature(DELIVERY, "in 10 minutes", 0, timed=True)
def buyer_interruptions(call: Call) -> float | None:
    """How often the rep is cut in on.

    As rep_interruptions, the other way round.
    """
    return _interruptions(call, by_rep=False)


@feature(DELIVERY, "words a minute", timed=True)
def words_per_minute(call: Call) -> float | None:
    """The rep's pace.

    Words of the rep / rep_minutes.
    """
    minutes = rep_minutes(call)
    return call.words[REP] / minutes if minutes else None


@feature(DELIVERY, "in 100 words", -1, [FILLER])
def fillers_per_100_words(call: Call) -> float:
    """How often the rep says um, uh and the like.

    `filler` by the rep / words of the rep x 100. Recognisers tend to drop fillers.
    """
    return _per_100(call, FILLER)


@feature(DELIVERY, "in 100 words", -1, [HEDGE])
def hedges_per_100_words(call: Call) -> float:
    """How often the rep softens what they say.

    `hedge` by the rep / words of the rep x 100.
    """
    return _per_100(call, HEDGE)


@feature(DELIVERY, "in 10 minutes", 0, [NAME_USE], timed=True)
def name_uses(call: Call) -> float | None:
    """How often the rep calls somebody on the other side by name.

    `name_use` by the rep in 10 minutes; a call under five minutes counts as five.
    """
    minutes = _minutes(call)
    return len(NAME_USE.of(call)) / max(minutes, INTERRUPTION_FLOOR) * 10 if minutes else None


@feature(DELIVERY, "in 100 words", 1, [BUSINESS_TERM])
def business_terms_per_100_words(call: Call) -> float:
    """How much the rep speaks in the terms of a business: margin, cash flow, sign-off, downtime.

    `business_term` by the rep / words of the rep x 100.
    """
    return _per_100(call, BUSINESS_TERM)


@feature(DELIVERY, "yes/no", 1, [AGENDA])
def agenda_stated(call: Call) -> float:
    """Whether the rep says what the call is to cover.

    1 if there is an `agenda` by the rep, else 0.
    """
    return bool(AGENDA.of(call))


@feature(DELIVERY, "recaps", 1, [RECAP])
def recaps(call: Call) -> float:
    """How often the rep sums up.

    Number of `recap` by the rep.
    """
    return len(RECAP.of(call))
