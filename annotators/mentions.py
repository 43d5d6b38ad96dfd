"""Who is spoken of: words that may name a person or a part in the buyer's organisation, gathered by person.

A mention is a role ("my site admin", "the board"), a name ("Zanele", "mr pillay"), or both side by side.
Names are written small where a recogniser writes no capitals: there a bare noun that other calls don't use is
a candidate.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from annotators.document import Layout
from annotators.matching import load_patterns
from annotators.utterances import Utterance

POSSESSIVES = frozenset({"my", "our", "your", "his", "her", "their"})
DETERMINERS = frozenset({"the", "a", "an", "this", "that", "one", "another", "some", *POSSESSIVES})
TITLES = frozenset({
    "mr", "mr.", "mrs", "mrs.", "ms", "ms.", "miss", "mister", "dr", "dr.", "doctor", "chief", "canon",
    "father", "sister", "sir", "madam", "madame", "commissioner", "judge", "professor", "prof", "captain",
    "reverend", "alhaji", "matron", "councillor", "uncle", "auntie",
})  # fmt: skip
PEOPLE = frozenset({
    "guy", "guys", "lady", "ladies", "man", "woman", "men", "women", "girl", "girls", "boy", "boys",
    "fella", "fellas", "bloke", "chap", "person", "kid", "wife", "husband", "brother", "sister", "mother",
    "mum", "mom", "father", "dad", "son", "daughter", "uncle", "aunt", "cousin", "nephew", "niece",
    "partner", "partners", "boss", "board", "chair", "chairman", "committee", "team", "staff", "union",
    "council", "management", "admin", "md", "ceo", "cfo", "coo", "cto", "gm", "hr", "it", "principal",
    "bursar", "dean", "matron", "foreman", "clerk", "steward", "stewards", "trustees", "landlord",
    "tenant", "secretary", "nurse", "nurses", "chef", "lawyer", "attorney", "counsel", "agent",
    "colleague", "colleagues", "friend", "volunteer", "volunteers", "operator", "president", "head",
    "lead", "deputy", "assistant", "designer", "architect", "engineer", "engineers", "welder", "roofer",
    "grad", "trainee", "apprentice", "residents", "monitor", "lender", "bank", "insurer", "auditor",
    "auditors", "inspector", "parents", "family",
})  # fmt: skip
_SUFFIXES = (
    "er",
    "ers",
    "or",
    "ors",
    "ist",
    "ists",
    "ian",
    "ians",
    "man",
    "woman",
    "men",
    "ant",
    "ants",
    "eer",
)
_NAME_TAGS = frozenset({"NN", "NNP", "NNPS", "FW", "JJ", "NNS", "RB", "UH", "IN", "VB", "VBP", "PRP"})
_NOUN_TAGS = frozenset({"NN", "NNP", "NNS", "NNPS"})
_LONGEST = 3  # words between a determiner and its noun
_PATTERNS = load_patterns("stakeholders")


@dataclass(frozen=True, slots=True)
class Mention:
    """A half-open token range of an utterance; `role` its tokens without determiners, `name` as written.

    `groups`: what the pattern file finds in the utterance.
    """

    utterance: Utterance
    first: int
    last: int
    role: tuple[str, ...]
    name: str | None
    key: str
    groups: frozenset[str]


def people(call: Layout, found: Sequence[Utterance], known: Collection[str]) -> dict[str, list[Mention]]:
    """Mentions of each person in order of the call, by the name or the role's last word.

    `known` are words that are no names where they are written small.
    """
    gathered: dict[str, list[Mention]] = {}
    for utterance in found:
        matches = _PATTERNS.find(utterance)
        groups = frozenset(match.group for match in matches) - {"given"}
        spans = [(match.first, match.last) for match in matches if match.group in {"role", "department"}]
        roles = _apart([*spans, *_roles(utterance)])
        names = {start: (stop, written) for start, stop, written in _names(call, utterance, known)}
        for first, last, role, name in _together(utterance, roles, names):
            key = _key(name) if name else role[-1]
            gathered.setdefault(key, []).append(Mention(utterance, first, last, role, name, key, groups))
    return gathered


def _roles(utterance: Utterance) -> Iterator[tuple[int, int]]:
    """Nouns for people, with the determiner that begins their phrase."""
    tokens, tags = utterance.tokens, utterance.tags
    for place, token in enumerate(tokens):
        if tags[place] not in _NOUN_TAGS or not _is_person(token):
            continue
        if place + 1 < len(tokens) and tags[place + 1] in {"NN", "NNS"} and _is_person(tokens[place + 1]):
            continue
        first = _determiner(utterance, place)
        if first is None and place and tags[place - 1] not in _NOUN_TAGS and token not in PEOPLE:
            continue
        yield (place if first is None else first, place + 1)


def _determiner(utterance: Utterance, place: int) -> int | None:
    """Where the noun phrase that ends at a place begins, if with a determiner."""
    for at in range(place - 1, max(-1, place - 2 - _LONGEST), -1):
        if utterance.tokens[at] in DETERMINERS:
            return at
        if utterance.tags[at][:2] not in {"JJ", "NN", "CD", "VB", "PO"} and utterance.tokens[at] not in {
            "of",
            "in",
        }:
            return None
    return None


def _is_person(token: str) -> bool:
    return token in PEOPLE or (len(token) > 4 and token.endswith(_SUFFIXES))


def _apart(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Of spans that overlap the longest; in order."""
    kept: list[tuple[int, int]] = []
    taken: set[int] = set()
    for first, last in sorted(spans, key=lambda span: (span[0] - span[1], span[0])):
        if taken.isdisjoint(range(first, last)):
            kept.append((first, last))
            taken.update(range(first, last))
    return sorted(kept)


def _names(call: Layout, utterance: Utterance, known: Collection[str]) -> Iterator[tuple[int, int, str]]:
    """Token ranges of names, with the name as written."""
    said = call.turns[utterance.turn].words
    tokens, tags = utterance.tokens, utterance.tags
    place = 0
    while place < len(tokens):
        start = place
        if tokens[place] in TITLES and place + 1 < len(tokens) and tokens[place + 1].isalpha():
            place += 1
        titled = place > start
        token = tokens[place]
        if token in known:
            place = start + 1
            continue
        word = said[utterance.places[place]].strip(",.?!;:\"'’-")
        capital = word[:1].isupper() and word[1:2] != "" and not word.isupper()
        if titled or _may_name(token, tags[place], capital=capital):
            stop = place + 1
            following = said[utterance.places[stop]] if stop < len(tokens) else ""
            if (
                capital
                and following[:1].isupper()
                and stop < len(tokens)
                and tokens[stop] not in known
                and not utterance.breaks[place]
            ):
                stop += 1
            words = dict.fromkeys(utterance.places[at] for at in range(start, stop))
            yield start, stop, " ".join(_bare(said[index]) for index in words)
            place = stop
        else:
            place = start + 1


def _bare(word: str) -> str:
    plain = word.strip(",.?!;:\"'’-")
    for ending in ("'s", "’s", "'ll", "’ll", "'d", "’d"):
        plain = plain.removesuffix(ending)
    return plain


def _may_name(token: str, tag: str, *, capital: bool) -> bool:
    if len(token) < 2 or not token.replace("-", "").isalpha() or token in PEOPLE:
        return False
    return capital or tag in _NAME_TAGS


def _together(
    utterance: Utterance, roles: Sequence[tuple[int, int]], names: Mapping[int, tuple[int, str]]
) -> Iterator[tuple[int, int, tuple[str, ...], str | None]]:
    """Roles and names; a name right beside a role ("our CE, Ann", "zoe my site admin") is one with it.

    `names` maps where a name begins to where it ends and how it is written.
    """
    left = dict(names)
    ends = {stop: start for start, (stop, _) in names.items()}
    for first, last in roles:
        begin, end, name = first, last, None
        for start in (*range(first, last + 1), last + 1):
            if start in left and (start <= last or utterance.tokens[last] in {"called", "is", "named"}):
                stop, written = left.pop(start)
                if stop >= last:
                    end, name = max(end, stop), written
        if name is None and ends.get(first) in left:
            begin = ends[first]
            name = left.pop(begin)[1]
        role = list(utterance.tokens[first:last])
        while role and role[0] in DETERMINERS:
            role.pop(0)
        if role:
            yield begin, end, tuple(role), name
    for start, (stop, written) in left.items():
        yield start, stop, (), written


def _key(name: str) -> str:
    parts = [part for part in name.lower().split() if part not in TITLES] or [name.lower()]
    return parts[0] if len(parts) == 1 or name.lower().split()[0] not in TITLES else parts[-1]
