"""What the model of stakeholders sees of a person: how they are spoken of first, and through the call."""

from collections.abc import Iterator, Sequence

from annotators.document import Layout
from annotators.matching import load_patterns
from annotators.mentions import DETERMINERS, POSSESSIVES, TITLES, Mention

_PRONOUNS = frozenset({"he", "she", "him", "her", "his", "they", "them"})
_SAY = frozenset({
    "sign", "signs", "signed", "approve", "approves", "approved", "decide", "decides", "asks", "ask",
    "asked", "wants", "want", "wanted", "said", "says", "say", "told", "tell", "thinks", "does", "did",
    "handles", "runs", "uses", "will", "would", "has", "knows", "reads", "needs", "likes", "hates",
    "keeps", "took", "takes", "rings", "rang", "does not",
})  # fmt: skip
# Kinds of people: a cue of the kind says more than one of the word, which few calls share.
_WORDS_OF_KIND = {
    "kin": """
        wife husband brother sister mother mum mom father dad son daughter uncle aunt cousin nephew niece
    """,
    "boss": """
        boss owner owners director directors md ceo cfo coo cto gm president principal chief chairman
        chair dean matron commissioner superintendent founder partner partners head counsel
    """,
    "body": """
        board committee council trustees union management team staff finance legal procurement creditors
        compliance security hr department parents residents volunteers lender bank insurer landlord
    """,
    "somebody": """
        guy lady man woman girl boy fella bloke chap person kid one fellas guys girls boys ladies
    """,
    "books": """
        accountant bookkeeper controller treasurer bursar auditor auditors lawyer attorney solicitor
    """,
    "staff": """
        manager supervisor foreman engineer engineers technician operator driver drivers assistant admin
        secretary clerk coordinator nurse nurses chef storekeeper receptionist agent officer lead steward
        stewards
    """,
}
_KINDS = {word: kind for kind, words in _WORDS_OF_KIND.items() for word in words.split()}
_MET = frozenset(
    {"hi", "hello", "thanks", "thank", "morning", "okay", "hey", "bye", "sorry", "cheers", "yes", "yeah"}
)
_LINKS = frozenset({
    "and", "ask", "told", "tell", "with", "to", "for", "by", "from", "in", "at", "of", "on", "is", "am",
})  # fmt: skip
_INTRODUCED = frozenset({("this", "is"), ("i", "am"), ("name", "is"), ("it", "is"), ("me", "and")})
_BEYOND = 8  # tokens after a mention in which a pronoun may take it up


def person_cues(call: Layout, mentions: Sequence[Mention]) -> set[str]:
    """Cues of a person, from all their mentions; linear in their number."""
    first = mentions[0]
    cues = {f"1:{cue}" for cue in _mention(call, first)}
    for mention in mentions[:12]:
        cues.update(f"any:{cue}" for cue in _about(call, mention))
    by_rep = sum(call.is_rep(mention.utterance.turn) for mention in mentions)
    cues.add(f"said by rep:{min(by_rep, 3)}")
    cues.add(f"said by others:{min(len(mentions) - by_rep, 4)}")
    cues.add("rep first" if call.is_rep(first.utterance.turn) else "other first")
    cues.add(f"tenth:{10 * first.utterance.turn // max(len(call.turns), 1)}")
    cues.add("opening" if first.utterance.turn < 4 else "later")
    cues.update(_what(first))
    return cues


def _what(mention: Mention) -> Iterator[str]:
    yield f"kind:{'role' if mention.role else ''}{' name' if mention.name else ''}"
    if mention.role:
        yield f"role:{mention.role[-1]}"
        yield f"ending:{mention.role[-1][-2:]}"
        yield f"ending:{mention.role[-1][-3:]}"
        kind = _KINDS.get(mention.role[-1], "other")
        yield f"kind of role:{kind}"
        yield f"role as said:{mention.utterance.tokens[mention.first]} {kind}"
        yield f"words:{min(len(mention.role), 3)}"
        yield from (f"in role:{word}" for word in mention.role)
    if mention.name:
        yield "capital" if mention.name[:1].isupper() else "small"
        yield f"parts:{len(mention.name.split())}"
        yield "given name" if _given(mention) else "no given name"
        yield f"letters:{mention.name.lower()[-1:]}"
        if not mention.role:
            yield f"name:{mention.key}"


def _mention(call: Layout, mention: Mention) -> Iterator[str]:
    utterance, first, last = mention.utterance, mention.first, mention.last
    tokens, tags = utterance.tokens, utterance.tags
    yield f"^{tokens[first]}" if tokens[first] in DETERMINERS or tokens[first] in TITLES else "^bare"
    yield f"tag:{tags[first]} {tags[last - 1]}"
    before, after = tokens[max(0, first - 2) : first], tokens[last : last + 3]
    yield f"before:{before[-1] if before else ''}"
    yield f"before tag:{tags[first - 1] if first else ''}"
    yield f"before two:{' '.join(before)}"
    yield f"after:{after[0] if after else ''}"
    yield f"after tag:{tags[last] if after else ''}"
    yield f"after two:{' '.join(after[:2])}"
    yield f"after tags:{' '.join(tags[last : last + 2])}"
    yield from (f"near:{token}" for token in (*tokens[max(0, first - 5) : first], *tokens[last : last + 7]))
    yield f"rep {call.is_rep(utterance.turn)}"
    yield f"alone {len(tokens) - (last - first) < 2}"
    yield f"place:{min(first, 3)} {min(len(tokens) - last, 3)}"
    yield from (f"g:{group}" for group in mention.groups)


def _about(call: Layout, mention: Mention) -> Iterator[str]:
    utterance, first, last = mention.utterance, mention.first, mention.last
    tokens = utterance.tokens
    side = "rep" if call.is_rep(utterance.turn) else "other"
    yield from (f"{cue} {side}" for cue in _does(mention))
    before = tokens[first - 1] if first else ""
    if before in _LINKS:
        yield f"{before} {side}"
    if first >= 2 and tokens[first - 2 : first] in _INTRODUCED:
        yield f"{' '.join(tokens[first - 2 : first])} {side}"
    if before in _MET or (last == len(tokens) and first):
        yield f"{'met' if before in _MET else 'last'} {side}"
    if first == 0:
        yield f"first {side}"
    if tokens[first] in POSSESSIVES:
        yield f"{tokens[first]} {side}"


def _does(mention: Mention) -> Iterator[str]:
    tokens, tags, last = mention.utterance.tokens, mention.utterance.tags, mention.last
    if not _PRONOUNS.isdisjoint(tokens[last : last + _BEYOND]):
        yield "taken up"
    if last == len(tokens):
        return
    if tags[last] in {"VBZ", "VBD", "MD"} or tokens[last] in _SAY:
        yield "acts"
    if tokens[last] in _SAY:
        yield f"says {tokens[last]}"
    if tokens[last] in {"here", "from", "speaking"}:
        yield tokens[last]
    if tokens[last] == "'s":
        yield "owns"


def _given(mention: Mention) -> bool:
    patterns = load_patterns("stakeholders")
    return any(
        match.group == "given"
        for place in range(mention.first, mention.last)
        for match in patterns.at_start(mention.utterance, place)
    )
