"""Open or closed: whether a question can be answered by yes, no or one fact."""

from typing import Literal

from annotators.asking import Said, own_cues
from annotators.asking_models import odds_of
from annotators.call_reader import Read
from annotators.linear import load
from annotators.matching import load_patterns
from annotators.utterances import AUXILIARIES, EMBEDDERS, WH_WORDS, Utterance

Form = Literal["open", "closed"]
Asks = Literal["yes_no", "wh", "choice", "told"]

NAME = "question_form"
NAME_OF_ANY = "question_form_of_any"  # while nobody knows the roles
READ = 0.4  # share of the network in the log-odds
_PHRASES = load_patterns("questions")
_ONE_FACT = frozenset({
    "many", "much", "long", "often", "big", "large", "far", "soon", "old", "fast", "quickly",
    "frequently", "likely", "tall", "late", "early", "high",
})  # fmt: skip
_FACT_NOUNS = frozenset({
    "time", "day", "date", "year", "month", "number", "percentage", "percent", "size", "color", "colour",
    "name", "email", "address", "phone", "budget", "price", "title", "version", "deadline", "extension",
    "zip", "postcode", "age", "rate",
})  # fmt: skip
_SUBORDINATE = frozenset({
    "when", "if", "once", "since", "before", "after", "where", "as", "while", "because",
})  # fmt: skip
_PRICED = frozenset({"cost", "worth", "charge"})  # "what does an empty room cost you"
_PREPOSITIONS = frozenset({"in", "at", "for", "to", "with", "by", "from", "on", "since", "until", "of"})
_WHETHER = AUXILIARIES | {"if", "whether"}
_AGAIN = frozenset({"huh", "what", "sorry", "pardon", "excuse", "me", "i", "am", "say", "that", "again"})
_INVITED = frozenset({
    "questions", "question", "thoughts", "comments", "ideas", "concerns", "suggestions", "objections",
    "objection", "feedback",
})  # fmt: skip
_IN_PLACE = 9  # tokens up to which a question word at the very end asks: "he's coming back when"


def open_odds(utterance: Utterance, first: int, call: Said, read: Read) -> float:
    """Log-odds that it is open, by the model, which goes by the rules below, too, and `read`.

    `first` is the onset. Where nobody knows who is the rep a question is open as corpora of meetings have it:
    by its question word or open end, even if one fact would answer it. Where that was inferred the call may
    be one or the other.
    """
    cues = form_cues(utterance, first)
    odds = 0.0
    if call.rep is not None:
        words = utterance.turn, utterance.start, utterance.stop
        chances = read.mixed("form", words, load(NAME).probabilities(cues), READ)
        odds += odds_of(chances["open"])
    if call.rep is None or call.guessed:
        odds += odds_of(load(NAME_OF_ANY).probabilities(cues)["open"])
    return odds


def form_cues(utterance: Utterance, first: int) -> set[str]:
    """Cues of the model: the words, the rules' judgment, the word that asks and what follows it."""
    rule, asks = form_by_rule(utterance, first), question_asks(utterance, first)
    cues = {*own_cues(utterance, first), f"f {rule}", f"f {asks}", f"f {asks} {utterance.ending}"}
    asked = _asking_word(utterance, first)
    if asked is not None:
        tokens = utterance.tokens
        cues.update(f"asks {' '.join(tokens[asked : asked + count])}" for count in range(1, 5))
        cues.add(f"asks {tokens[asked]} {rule}")
        cues.add(f"asks {tokens[asked]} " + " ".join(utterance.tags[asked + 1 : asked + 3]))
    return cues


def form_by_rule(utterance: Utterance, first: int) -> Form:
    """Open unless yes, no or one fact would answer it; `first` is the onset."""
    tokens = utterance.tokens
    groups = {match.group for match in _PHRASES.at_start(utterance, first)}
    if "embedded_open" in groups or _tells(utterance, first):
        return "open"
    asked = None if tokens[first : first + 2] == ("how", "about") else _asking_word(utterance, first)
    return "closed" if asked is None or _asks_fact(tokens, asked) else "open"


def _asks_fact(tokens: tuple[str, ...], asked: int) -> bool:
    word = tokens[asked]
    after = tokens[asked + 1] if asked + 1 < len(tokens) else ""
    if word in {"what", "which"}:
        priced = after in AUXILIARIES and not _PRICED.isdisjoint(tokens[asked + 2 : asked + 8])
        return after in _FACT_NOUNS or priced or _names_fact(tokens[asked + 1 : asked + 5])
    if word == "how":
        return after in _ONE_FACT
    return word != "why" and not (word == "who" and after == "else")


def _names_fact(window: tuple[str, ...]) -> bool:
    """A copula and at once the fact: "is your budget", "is the price"."""
    if not window or window[0] not in {"is", "was"}:
        return False
    return len(window) > 2 and window[1] in {"your", "the"} and window[2] in _FACT_NOUNS


def _asking_word(utterance: Utterance, first: int) -> int | None:
    """The question word that asks; None if an inversion asks for yes or no."""
    tokens = utterance.tokens
    if tokens[first] in _SUBORDINATE:
        for place in range(first + 1, len(tokens) - 1):
            verb = tokens[place + 1] in AUXILIARIES or utterance.tags[place + 1] == "VBZ"
            if tokens[place] in WH_WORDS and verb and utterance.breaks[place - 1]:
                return place
    if tokens[first] in WH_WORDS:
        return first
    return None if tokens[first] in AUXILIARIES else _later_word(utterance, first)


def _later_word(utterance: Utterance, first: int) -> int | None:
    tokens = utterance.tokens
    for place in range(first + 1, len(tokens) - 1):
        if tokens[place] in WH_WORDS and (tokens[place + 1] in AUXILIARIES or utterance.breaks[place - 1]):
            return place
        if tokens[place] in AUXILIARIES and tokens[place + 1] in {"you", "it", "they", "that"}:
            return None
        counted = tokens[place] == "how" and tokens[place + 1] in {"many", "much"}
        if counted and utterance.tags[place - 1][:2] in {"VB", "IN"} and tokens[place - 1] not in EMBEDDERS:
            return place  # "we're talking about doing how many hours"
    return _word_in_place(tokens, first)


def _word_in_place(tokens: tuple[str, ...], first: int) -> int | None:
    """A question word where the answer would stand: "coming back when", "on what machine"."""
    if tokens[first] in _PREPOSITIONS and tokens[first + 1 : first + 2] in {("what",), ("which",), ("whom",)}:
        return first + 1
    ends = 1 < len(tokens) - first <= _IN_PLACE and tokens[-1] in WH_WORDS
    return len(tokens) - 1 if ends and tokens[-2] not in {"know", "or", "that", "guess", "see"} else None


def _tells(utterance: Utterance, first: int) -> bool:
    """Whether it begins by asking to be told; "I was wondering whether" asks for yes or no."""
    tokens = utterance.tokens
    asked = [match.last for match in _PHRASES.at_start(utterance, first) if match.group == "request"]
    return (
        bool(asked) and tokens[asked[0] - 1] not in _WHETHER and _WHETHER.isdisjoint(tokens[asked[0] :][:1])
    )


def _invites(tokens: tuple[str, ...]) -> bool:
    """Whether it asks for anything at all, or to hear it again: "any questions", "anything else", "sorry"."""
    if _AGAIN.issuperset(tokens):
        return True
    named = len(tokens) == 1 or tokens[0] in {"any", "other", "more"}
    return (named and not _INVITED.isdisjoint(tokens[:3])) or tokens[:2] in {
        (who, "else") for who in ("anything", "anyone", "anybody", "what", "who")
    }


def question_asks(utterance: Utterance, first: int) -> Asks:
    """Whether it asks by a question word, for a choice, by telling ("walk me through"), or for yes or no."""
    tokens = utterance.tokens
    if _tells(utterance, first):
        return "told"
    if _asking_word(utterance, first) is not None or _invites(tokens[first:]):
        return "wh"
    # "... or" at the very end leaves the other choice open: yes or no will do.
    return "choice" if "or" in tokens[first + 1 : -2] and tokens[-2:] != ("or", "not") else "yes_no"
