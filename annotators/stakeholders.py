"""Component: people on the buyer's side with a say in the decision, by role and, where told, by name."""

from collections.abc import Iterator

from spacy.language import Language
from spacy.tokens import Doc

from annotators.document import Finding, Layout, layout, record
from annotators.matching import Match, load_patterns
from annotators.utterances import Utterance, utterances

_PATTERNS = load_patterns("stakeholders")
# The rep's own director has no say in the buyer's decision.
_OWN = frozenset({"our", "my", "we", "us"})
_THEIRS = frozenset({"your", "his", "her", "their"})
_DETERMINERS = frozenset({
    "our", "my", "the", "your", "their", "his", "her", "with", "to", "a", "an",
})  # fmt: skip
_NOT_PEOPLE = frozenset({
    "app", "software", "system", "tool", "account", "portal", "role", "screen", "login",
})  # fmt: skip


@Language.factory("ridealong_stakeholders", assigns=["doc.spans"], requires=["doc._.utterances"])
def create(nlp: Language, name: str) -> "Component":  # noqa: ARG001 - spaCy's signature
    """The component."""
    return Component()


class Component:
    """Writes `doc.spans["stakeholder"]` with `role` and `name`."""

    def __call__(self, doc: Doc) -> Doc:
        """The first mention of each role in the call; by the buyer, or by the rep about the buyer's side."""
        record(doc, "stakeholder", _findings(layout(doc), utterances(doc)))
        return doc


def _findings(call: Layout, found: tuple[Utterance, ...]) -> Iterator[Finding]:
    seen: set[str] = set()
    for utterance in found:
        matches = _PATTERNS.find(utterance)
        if not matches:
            continue
        has_say = any(match.group == "say" for match in matches)
        last = 0
        for match in matches:
            if match.group == "say" or match.first < last:
                continue
            if call.is_rep(utterance.turn) and not (has_say or _buyers_side(utterance, match)):
                continue
            following = utterance.tokens[match.last : match.last + 1]
            if following and following[0] in _NOT_PEOPLE:
                continue
            role = " ".join(_role(utterance, match))
            head = role.rpartition(" ")[2]
            if not role or head in seen:
                continue
            seen.add(head)
            stop, name = _name(call, utterance, match.last)
            last = stop
            yield _finding(utterance, match.first, stop, role, name, has_say=has_say)


def _finding(
    utterance: Utterance, first: int, last: int, role: str, name: str | None, *, has_say: bool
) -> Finding:
    start, stop = utterance.words(first, last)
    strength = 0.9 if has_say or name else 0.7
    return Finding(utterance.turn, start, stop, strength, {"role": role, "name": name})


def _buyers_side(utterance: Utterance, match: Match) -> bool:
    around = utterance.tokens[max(0, match.first - 1) : match.last]
    return _OWN.isdisjoint(around) and not _THEIRS.isdisjoint(around)


def _role(utterance: Utterance, match: Match) -> tuple[str, ...]:
    tokens = utterance.tokens[match.first : match.last]
    if match.group == "department":
        return tokens[:1]
    while tokens and tokens[0] in _DETERMINERS:
        tokens = tokens[1:]
    return tokens


def _name(call: Layout, utterance: Utterance, place: int) -> tuple[int, str | None]:
    """A capitalised name right behind the role, and where it ends."""
    said = call.turns[utterance.turn].words
    if place < len(utterance.tokens) and utterance.tags[place] == "NNP":
        word = said[utterance.places[place]].strip(",.?!;:\"'")
        if word[:1].isupper():
            return place + 1, word
    return place, None
