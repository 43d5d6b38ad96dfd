"""Word order of questions: inversions and question words, read off tokens and tags.

`first` is the token at which the utterance proper begins. All functions are pure.
"""

from annotators.utterances import AUXILIARIES, EMBEDDERS, SUBJECTS, WH_WORDS, Utterance

PRONOUNS = frozenset({
    "i", "you", "we", "they", "he", "she", "it", "that", "this", "there", "anyone", "anybody",
    "everybody", "everyone", "somebody",
})  # fmt: skip
_NOMINAL = ("DT", "NN", "PRP", "JJ", "CD")
# What can be the verb of an open-ended "what" or "who" as subject: "what happens", "who handles".
_FINITE = frozenset({"VBZ", "VBD", "MD", "VBP"})
# After these an auxiliary has its subject already, or the inversion is no question ("nor do you").
_BEFORE_PLAIN_AUXILIARY = (
    SUBJECTS | WH_WORDS | AUXILIARIES | {"nor", "neither", "so", "as", "than", "not", "only"}
)
_ORDERS = frozenset({"it", "that", "this"})  # "do that", "have it"


def asks_by_word(utterance: Utterance, first: int) -> bool:
    """Whether a question word at the onset asks: "what do you", "who handles", "how many reps are"."""
    tokens, tags = utterance.tokens, utterance.tags
    word, rest = tokens[first], tokens[first + 1 : first + 3]
    if not rest:
        return True
    if word in {"which", "where", "when", "who"} and utterance.ending not in {"?", ""}:
        return False
    if rest[0] in AUXILIARIES:
        return _asks_inverted(utterance, first)
    if word in {"what", "who"} and rest[0] not in PRONOUNS | {"the", "my", "our", "your"}:
        named = tags[first + 1][:2] in {"NN", "JJ"} and inverts_later(utterance, first)
        return named or tags[first + 1] in _FINITE
    return word in {"how", "which", "whose"} and rest[0] not in SUBJECTS and inverts_later(utterance, first)


def _asks_inverted(utterance: Utterance, first: int) -> bool:
    tokens = utterance.tokens
    word, rest = tokens[first], tokens[first + 1 : first + 4]
    if word == "when" and rest[0] in _DO:
        return True
    if word in {"which", "when"} and len(rest) > 1:
        return rest[1] in PRONOUNS and not (word == "which" and rest[0] in {"is", "was"})
    # "Why don't we ..." proposes, it doesn't ask.
    proposes = word == "why" and rest in {("do", "not", "we"), ("do", "not", "i")}
    return not proposes and not _is_cleft(utterance, first)


def _is_cleft(utterance: Utterance, first: int) -> bool:
    """Two finite verbs and no inversion, as in "what is nice is that"."""
    tokens = utterance.tokens
    if tokens[first + 1] not in {"is", "was"} or len(tokens) - first < 5 or utterance.ending == "?":
        return False
    return any(
        tokens[place] in {"is", "was"} and tokens[place - 1] not in SUBJECTS
        for place in range(first + 3, min(first + 8, len(tokens)))
    )


def inverts_later(utterance: Utterance, first: int) -> bool:
    """An auxiliary before a subject within a few words: "which of the two would you"."""
    tokens, tags = utterance.tokens, utterance.tags
    for place in range(first + 1, min(first + 7, len(tokens) - 1)):
        if tokens[place] in AUXILIARIES and tokens[place - 1] not in PRONOUNS:
            return tokens[place + 1] in SUBJECTS or tags[place + 1].startswith(_NOMINAL)
    return False


def inversion(utterance: Utterance, first: int) -> float:
    """How surely the onset is an auxiliary before its subject: "do you", "is your team", "has the board"."""
    tokens, tags = utterance.tokens, utterance.tags
    if len(tokens) - first < 3:
        return 0.0
    word, after = tokens[first], tokens[first + 1]
    if after == "not":
        after = tokens[first + 2]
    if after in PRONOUNS:
        order = word in {"do", "have"} and after in _ORDERS
        return 0.0 if order or (word == "may" and after not in {"i", "we"}) else 0.9
    if word in {"do", "did", "have"} and after in {"the", "all", "these", "those", "some"}:
        return 0.7 if word != "have" and not _VERBS.isdisjoint(tags[first + 3 : first + 8]) else 0.0
    verb_first = word in {"do", "have", "should", "had", "might", "may"}
    if verb_first and after not in {"your", "people", "any", "someone"}:
        return 0.0
    return 0.8 if after in SUBJECTS or tags[first + 1] in {"NNP", "NNS", "PRP$"} else 0.0


def late_inversion(utterance: Utterance, first: int) -> float:
    """The same further in: "for the second floor, what do you", "and the data where does it"."""
    tokens = utterance.tokens
    for place in range(first + 1, len(tokens) - 2):
        comma = utterance.breaks[place - 1]
        if tokens[place - 1] in EMBEDDERS and not comma:
            continue
        strength = _inversion_inside(tokens[place - 1 : place + 3], comma=comma)
        if strength:
            return strength
    return 0.0


def _inversion_inside(window: tuple[str, ...], *, comma: bool) -> float:
    before, word, after, third = window
    if word in {"what", "how", "why", "who", "where"} and after in AUXILIARIES:
        if comma:
            return 0.8
        if third in PRONOUNS or (after in _DO and third in {"the", "your"}):
            return 0.75 if third in {"you", "we"} else 0.65
    if word not in AUXILIARIES or before in _BEFORE_PLAIN_AUXILIARY:
        return 0.0
    to_listener = after == "you" and word in _TO_LISTENER
    to_other = after in _OTHERS and word in _TO_OTHERS
    return (0.75 if comma else 0.6) if to_listener or to_other else 0.0


_DO = frozenset({"do", "does", "did"})
_VERBS = frozenset({"VB", "VBP"})
_OTHERS = frozenset({"that", "it", "we", "they", "there", "the", "your"})
_TO_LISTENER = frozenset({"do", "did", "are", "have", "would", "could", "can", "will", "were"})
_TO_OTHERS = frozenset({"would", "could", "should", "does", "did"})
