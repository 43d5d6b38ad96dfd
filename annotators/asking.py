"""What the model of questions sees: the words, how the rules judge them, who speaks next and how.

Without punctuation an answer often tells more about a question than its own words do.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from annotators.document import Layout
from annotators.questions_by_rule import PHRASES, judged, onset
from annotators.utterances import Utterance
from models.call import REP

_SUBJECTS = frozenset({"i", "you", "we", "they", "he", "she", "it", "that", "this", "there", "your"})
_TELLING = frozenset({
    "request", "tag", "backchannel", "rhetorical", "elliptical", "embedded_open", "leads_to", "no_question",
})  # fmt: skip
_JOINERS = frozenset({"and", "so", "but", "or", "because", "then", "well", "okay", "if", "now"})
NEAR = 4  # turns in which an answer, or what was heard before, is looked for
_LONG = 8  # tokens from which sizes are told apart only roughly


@dataclass(frozen=True, slots=True)
class Heard:
    """An utterance, the token at which it begins in earnest, and how sure the rules are that it asks.

    `rule` is 0..5; below 0 the rules are sure that it asks nothing: a tag, a listener's "really?".
    """

    utterance: Utterance
    first: int
    rule: int


@dataclass(frozen=True, slots=True)
class Said:
    """The utterances of a call by turn, its speakers and words, and who is the rep, None while nobody knows.

    `guessed`: who is the rep was inferred from what is said, and surely; one nobody is sure of is none here.

    `marked` tells whether any sentence has an ending mark: without one, nothing can be told from its absence.
    """

    turns: Sequence[Sequence[Heard]]
    speakers: Sequence[str]
    words: Sequence[Sequence[str]]
    rep: str | None
    marked: bool
    guessed: bool = False


def said(turns: Sequence[Sequence[Utterance]], call: Layout) -> Said:
    """The call, each utterance judged by the rules once; utterances without tokens are left out."""
    marked = any(utterance.ending for turn in turns for utterance in turn)
    speakers, words = [turn.speaker for turn in call.turns], [turn.words for turn in call.turns]
    rep = REP if call.roles in {"told", "guessed"} else None
    return Said([_judged(turn) for turn in turns], speakers, words, rep, marked, call.roles == "guessed")


def _judged(turn: Sequence[Utterance]) -> list[Heard]:
    heard = [_heard(utterance) for utterance in turn if utterance.tokens]
    for place, one in enumerate(heard[:-1]):
        # A cut that leaves "and" alone makes no question of it; "And?" is one.
        if not one.utterance.ending and _JOINERS.issuperset(one.utterance.tokens):
            heard[place] = Heard(one.utterance, one.first, -1)
    return heard


def _heard(utterance: Utterance) -> Heard:
    first = onset(utterance)
    return Heard(utterance, first, int(judged(utterance, first) * 5))


def asking_cues(call: Said, turn: int, place: int) -> set[str]:
    """All cues of utterance `place` of a turn."""
    return {*telling_cues(call, turn, place), *other_cues(call, turn, place)}


def telling_cues(call: Said, turn: int, place: int) -> Iterator[str]:
    """The few cues that settle most cases: the rules, how it begins and ends, how it is answered."""
    heard = call.turns[turn][place]
    utterance, first, rule = heard.utterance, heard.first, heard.rule
    words, ending = utterance.tokens, utterance.ending
    word, subject = words[first], _subject(utterance, first)
    size = _size(len(words) - first)
    rest = len(call.turns[turn]) - place - 1
    yield from (f"r{rule}", f"r{rule} {ending}", f"end {ending}", f"size {size}", f"size {size} {ending}")
    yield from (f"{subject} {ending}", f"^{word}", f"^{word} {ending}", f"t^{utterance.tags[first]}")
    yield f"{min(rest, 3)} to come r{rule} {ending}"
    yield "^" + " ".join(words[first : first + 2])
    yield words[-1] + "$"
    answer, between = _answer(call, turn)
    rest += between
    if not call.marked:
        yield from (f"bare r{rule}", f"bare size {size}", f"bare ^{word}")
    yield f"{words[-1]}$ {ending} r{rule}"
    if answer:
        last, head = _last(rest), answer[0]
        yield f"{last}A{head} size {size}"
        yield f"{last}A{head} {words[-1]}$"
        yield f"{last}A{_size(len(answer))} {subject} r{rule}"
        yield from (
            f"{last}A {head}",
            f"{last}A{head} r{rule}",
            f"A{head} ^{word}",
            f"{last}A{head} {subject}",
        )
        yield f"{last}A size {_size(len(answer))}"
    else:
        yield "A none"
    if call.rep is not None:
        side = "by rep" if call.speakers[turn] == call.rep else "by buyer"
        yield from (side, f"{side} r{rule}", f"{side} {subject}", f"{side} ^{word}")
        yield from (f"{side} r{rule} {ending}", f"{side} {_last(rest)}A {answer[0] if answer else '#'}")


def other_cues(call: Said, turn: int, place: int) -> Iterator[str]:
    """The cues that cost more: every word, what is said before and after, more of the answer."""
    heard = call.turns[turn][place]
    words = heard.utterance.tokens
    yield from own_cues(heard.utterance, heard.first)
    yield f"^{words[heard.first]} {words[-1]}$ {heard.utterance.ending}"
    yield from _around(call, turn, place)
    yield from _echo(call, turn, heard.utterance)
    answer, between = _answer(call, turn)
    if answer:
        last = _last(len(call.turns[turn]) - place - 1 + between)
        shared = set(answer) & set(heard.utterance.tokens)
        yield f"{last}A shares {min(len(shared), 3)} {_subject(heard.utterance, heard.first)}"
        for word in shared:
            yield f"A takes up {word}"
        yield f"{last}A {' '.join(answer[:2])}"
        yield f"{last}A {' '.join(answer[:3])}"
        for word in answer[1:6]:
            yield f"{last}A has {word}"


def _last(rest: int) -> str:
    return "last " if rest == 0 else f"rest {min(rest, 2)} "


def own_cues(utterance: Utterance, first: int) -> Iterator[str]:
    """Cues of the utterance's own words and tags; `first` is its onset."""
    words, tags, ending = utterance.tokens, utterance.tags, utterance.ending
    size = len(words)
    yield from words
    for one, two in pairwise(words):
        yield f"{one} {two}"
    for one, two, three in zip(words, words[1:], words[2:], strict=False):
        yield f"{one} {two} {three}"
    for count in (3, 4):
        yield "^" + " ".join(words[first : first + count])
    for count in (2, 3, 4):
        yield "t^" + " ".join(tags[first : first + count])
    yield "^^" + " ".join(words[:2])
    yield "^^" + " ".join(words[:3])
    yield f"m^{words[first]} " + " ".join(tags[first + 1 : first + 3])
    yield f"m^{' '.join(words[first : first + 2])} " + " ".join(tags[first + 2 : first + 4])
    for count in (2, 3):
        yield " ".join(words[-count:]) + "$"
        yield " ".join(tags[-count:]) + "t$"
    for match in PHRASES.find(utterance):
        if match.group in _TELLING:
            where = "^" if match.first <= first else "$" if match.last == size else ""
            yield f"g {match.group}{where}"
            yield f"g {match.group}{where} {ending}"


def _around(call: Said, turn: int, place: int) -> Iterator[str]:
    """Cues of the utterances before and after, by the same speaker, and of what the other said before."""
    own = call.turns[turn]
    now = own[place]
    after = own[place + 1] if place + 1 < len(own) else _first_of(call, turn, turn + 1)
    if after:
        yield f"next {after.utterance.tokens[0]}"
        yield "next " + " ".join(after.utterance.tokens[:2])
        yield f"next r{after.rule}"
        yield f"next r{after.rule} r{now.rule}"
    last = own[place - 1] if place else _last_of(call, turn, turn - 1)
    if last:
        before, rule = last.utterance, last.rule
        word = now.utterance.tokens[0]
        yield f"before {before.tokens[-1]}"
        yield "before " + " ".join(before.tokens[-2:])
        yield f"before size {_size(len(before.tokens))} {before.ending}"
        yield f"before r{rule}"
        yield f"before r{rule} {before.ending} ^{word}"
        yield f"before r{rule} r{now.rule} {now.utterance.ending}"
        yield f"before {before.tokens[-1]} ^{word}"
        if place:
            return
    else:
        yield "opens turn"
        yield f"opens turn ^{now.utterance.tokens[0]}"
    for heard in _heard_before(call, turn):
        yield f"heard r{heard.rule} {heard.utterance.ending}"
        yield f"heard r{heard.rule} r{now.rule} {now.utterance.ending}"
        yield f"heard size {_size(len(heard.utterance.tokens))}"
        yield f"heard size {_size(len(heard.utterance.tokens))} size {_size(len(now.utterance.tokens))}"
        yield f"heard {heard.utterance.tokens[-1]}"
        yield f"heard ^{heard.utterance.tokens[0]}"


def _first_of(call: Said, turn: int, other: int) -> Heard | None:
    """What the speaker of a turn says first in the next, if that is theirs, too."""
    theirs = other < len(call.turns) and call.speakers[other] == call.speakers[turn]
    return call.turns[other][0] if theirs and call.turns[other] else None


def _last_of(call: Said, turn: int, other: int) -> Heard | None:
    """What the speaker of a turn says last in the one before, if that is theirs, too."""
    theirs = other >= 0 and call.speakers[other] == call.speakers[turn]
    return call.turns[other][-1] if theirs and call.turns[other] else None


def _heard_before(call: Said, turn: int) -> Sequence[Heard]:
    """The last utterance of somebody else before a turn, if it isn't far."""
    for earlier in range(turn - 1, max(-1, turn - 1 - NEAR), -1):
        if call.speakers[earlier] != call.speakers[turn]:
            return call.turns[earlier][-1:]
    return ()


def _echo(call: Said, turn: int, utterance: Utterance) -> Iterator[str]:
    """Whether a short utterance takes up words just heard: "four thousand" - "four thousand a month"."""
    heard = _heard_before(call, turn)
    if heard and len(utterance.tokens) <= _LONG:
        shared = set(heard[0].utterance.tokens) & set(utterance.tokens)
        yield f"echo {min(len(shared), 3)} of {_size(len(utterance.tokens))}"


def _answer(call: Said, turn: int) -> tuple[tuple[str, ...], int]:
    """The first utterance of the next turn of somebody else, and how many turns the speaker adds before it.

    Nothing if there is none within a few turns.
    """
    for later in range(turn + 1, min(turn + 1 + NEAR, len(call.turns))):
        if call.speakers[later] != call.speakers[turn]:
            return (call.turns[later][0].utterance.tokens if call.turns[later] else ()), later - turn - 1
    return (), 0


def _subject(utterance: Utterance, first: int) -> str:
    """The pronoun among the first words, for a statement about whom it is."""
    return next((word for word in utterance.tokens[first : first + 4] if word in _SUBJECTS), "-")


def _size(tokens: int) -> int:
    return tokens if tokens < _LONG else _LONG if tokens <= 12 else 12 if tokens <= 20 else 20
