"""What would raise a draft by one: which features to work on, and how to say it of this very call."""

from collections.abc import Collection, Mapping, Sequence

from models.call import Evidence, Transcript
from models.features import REGISTRY
from models.framework import Dimension, FeatureUse
from models.heads import Head, contributions, draft, latent, probabilities
from models.measure import view
from models.remedies import missing, place

MOST_ADVICE = 3  # sentences; more is a lecture
LEAST_GAIN = 0.05  # of a score; less than this is no advice
QUOTED = 12  # words of a quote; enough to know the place again

Features = Mapping[str, float | None]


def advise(
    dimension: Dimension,
    head: Head,
    transcript: Transcript,
    evidence: Sequence[Evidence],
    features: Features,
) -> str | None:
    """What to do next time, with the words of the call that it is about; None where nothing would help.

    Each place is quoted once; what is said of it further uses the framework's general words. A quote is the
    transcript's words as they stand, from the first, at most 12 of them.
    """
    sentences: list[str] = []
    quoted: set[int] = set()
    mended = tuple(evidence)
    for use in plan(dimension, head, features):
        # What is advised further is about the call as it would be by then, and some of it is done by then.
        if sentences and use.name not in _short(dimension, head, _anew(features, use, transcript, mended)):
            continue
        found, said = place(use.name, transcript, mended), ""
        if found is not None:
            quote = _quote(transcript, mended[found.position])
            said = use.quoting.replace("{quote}", quote) if quote and found.position not in quoted else ""
            quoted.add(found.position)
            mended = found.mended
        sentences.append(said or _general(use, transcript, mended))
    return " ".join(filter(None, sentences)) or None


def plan(dimension: Dimension, head: Head, features: Features) -> tuple[FeatureUse, ...]:
    """The fewest features, at most three, that would raise the draft by one together; best first.

    Of plans of one length the one with most to gain. Where no three would do, those that the feature with
    most to gain needs first, else itself. Empty where nothing that has advice can still gain.
    """
    gains = _gains(dimension, head, features)
    uses = {use.name: use for use in dimension.features}
    speaking = [name for name in gains if gains[name] >= LEAST_GAIN and uses[name].advice]
    if not speaking:
        return ()
    speaking.sort(key=lambda name: -gains[name])
    short = _short(dimension, head, features)
    plans = [tuple(_first(name, uses, short)[:MOST_ADVICE]) for name in speaking]
    ways = [steps for name in speaking if len(steps := tuple(_way(name, uses, short))) <= MOST_ADVICE]
    joint: tuple[str, ...] = ()
    for steps in plans:
        joint = tuple(dict.fromkeys((*joint, *steps)))[:MOST_ADVICE]
    now = _draft(dimension, head, features)
    enough = [
        steps
        for steps in (*plans, *ways, *(joint[:length] for length in range(2, len(joint) + 1)))
        if _draft(dimension, head, raised(dimension, head, features, steps)) > now
    ]
    best = min(enough, key=len, default=plans[0])
    return tuple(uses[name] for name in best)


def raised(dimension: Dimension, head: Head, features: Features, names: Sequence[str]) -> Features:
    """The features with those of that name as good as they can be, and with what follows from them."""
    best = {term.feature: term.points for term in head.terms}
    made = dict(features)

    def lift(use: FeatureUse) -> None:
        made[use.name] = best[use.name][-1 if use.sign > 0 else 0][0]

    for use in dimension.features:
        if use.name in names:
            lift(use)
    following = [use for use in dimension.features if use.follows]
    for _ in following:
        short = _short(dimension, head, made)
        for use in following:
            if short.isdisjoint(use.needs):
                lift(use)
    return made


def _draft(dimension: Dimension, head: Head, features: Features) -> int:
    return draft(probabilities(head, latent(head, dimension, contributions(head, dimension, features))), head)


def _first(name: str, uses: Mapping[str, FeatureUse], short: Collection[str]) -> list[str]:
    """What to do first for a feature: whatever it needs and lacks, and that needs in turn; else itself."""
    steps: dict[str, None] = {}
    seen: set[str] = set()

    def visit(name: str) -> None:
        seen.add(name)
        lacking = [n for n in uses[name].needs if n in short and uses[n].advice]
        for need in lacking:
            if need not in seen:
                visit(need)
        if not lacking:
            steps[name] = None

    visit(name)
    return list(steps) or [name]


def _way(name: str, uses: Mapping[str, FeatureUse], short: Collection[str]) -> list[str]:
    """All that a feature needs and lacks, in the order in which to do it, then itself."""
    steps: dict[str, None] = {}
    seen: set[str] = set()

    def visit(name: str) -> None:
        seen.add(name)
        for need in uses[name].needs:
            if need in short and need not in seen:
                visit(need)
        if uses[name].advice and not uses[name].follows:
            steps[name] = None

    visit(name)
    return list(steps)


def _anew(
    features: Features, use: FeatureUse, transcript: Transcript, mended: Sequence[Evidence]
) -> Features:
    return {**features, use.name: REGISTRY[use.name].of(view(transcript, mended))}


def _short(dimension: Dimension, head: Head, features: Features) -> set[str]:
    """Features that could be better, whatever they weigh: what comes first may itself weigh nothing."""
    signs = {use.name: use.sign for use in dimension.features}
    ends = {term.feature: term.points[-1 if signs[term.feature] > 0 else 0][1] for term in head.terms}
    known = ((term, features.get(term.feature)) for term in head.terms)
    return {
        term.feature
        for term, value in known
        if value is not None and term.transform(value) != ends[term.feature]
    }


def _gains(dimension: Dimension, head: Head, features: Features) -> dict[str, float]:
    """How much each feature could still add to the latent value; one that isn't known adds nothing."""
    terms = {term.feature: term for term in head.terms}

    def gain(use: FeatureUse) -> float:
        term, value = terms[use.name], features.get(use.name)
        if value is None:
            return 0.0
        low, high = term.points[0][1], term.points[-1][1]
        now = term.transform(value)
        return term.weight * (high - now if use.sign > 0 else now - low)

    return {use.name: gain(use) for use in dimension.features}


def _general(use: FeatureUse, transcript: Transcript, evidence: Sequence[Evidence]) -> str:
    if "{missing}" not in use.advice:
        return use.advice
    lacking = [use.parts[part] for part in missing(use.name, transcript, evidence) if part in use.parts]
    return use.advice.replace("{missing}", _listed(lacking)) if lacking else ""


def _listed(parts: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))


def _quote(transcript: Transcript, item: Evidence) -> str:
    words = [word.text for word in transcript.turns[item.turn].words[item.start : item.stop]]
    return " ".join(words[:QUOTED]).rstrip(",.;:") + ("…" if len(words) > QUOTED else "")
