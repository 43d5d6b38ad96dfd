"""From features to draft scores: a value, what it rests on, what would raise it, or why there is none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from models.call import REP, DimensionScore, Evidence, Scorecard, Transcript
from models.features import supporting
from models.framework import Dimension, FeatureUse, Framework
from models.heads import Head, Heads, contributions, draft, interval, latent, load_heads, probabilities

UNSURE_WORDS = 0.5  # mean recogniser probability below which the words of a score's evidence are doubtful
STRONGEST = 5  # pieces of evidence whose words are looked at: those a reader is shown
HIGHEST = 5
MOST_ADVICE = 3  # sentences; more is a lecture
LEAST_GAIN = 0.05  # of a score; less than this is no advice

NO_REP = "No speaker is marked as the rep."
REP_UNSURE = "It is not certain which speaker is the rep; say which one it is to get a draft."
NOTHING_TO_SHOW = "Nothing in the transcript shows what a score would rest on."
WARN_REP = "It is not certain which speaker is the rep."
WARN_WORDS = "Rests on words that the recogniser was unsure of."


@dataclass(frozen=True, slots=True)
class _Scored:
    """What every dimension of one call is scored from."""

    transcript: Transcript
    evidence: Sequence[Evidence]
    features: Mapping[str, float | None]
    supports: Mapping[str, tuple[int, ...]]
    rep_sure: bool


def score(
    framework: Framework,
    transcript: Transcript,
    evidence: Sequence[Evidence],
    features: Mapping[str, float | None],
    rep_sure: bool = True,
    *,
    heads: Heads | None = None,
) -> Scorecard:
    """Draft scores for every dimension of the framework, in its order.

    `evidence` is what the annotators found together with `models.landmarks`; `features` is made of the
    same transcript and evidence. `heads` default to those beside the framework's file. A dimension that
    can't be scored has the value None and a reason. The drafts are proposals for a person to decide on.

    Raises:
        UnknownFramework: the framework has no heads that fit it.
    """
    heads = heads or load_heads(framework)
    call = _Scored(transcript, evidence, features, supporting(transcript, evidence), rep_sure)
    scores = tuple(_score_dimension(d, heads.of(d.id), call) for d in framework.dimensions)
    return Scorecard(framework.id, framework.version, heads.version, scores)


def _score_dimension(dimension: Dimension, head: Head, call: _Scored) -> DimensionScore:
    if reason := _not_scored(dimension, call):
        return _unscored(dimension, reason)
    effects = contributions(head, dimension, call.features)
    rests_on = _rests_on(dimension, head, call)
    if not rests_on:
        return _unscored(dimension, NOTHING_TO_SHOW)
    chances = probabilities(head, latent(head, dimension, effects))
    value = draft(chances)
    return DimensionScore(
        dimension=dimension.id,
        value=value,
        interval=interval(chances, value, head.mass),
        contributions=tuple(sorted(effects, key=lambda effect: -abs(effect.effect))),
        evidence=rests_on,
        warnings=_warnings(dimension, rests_on, call),
        advice=_advice(dimension, head, call.features) if value < HIGHEST else None,
        probabilities=chances,
    )


def _unscored(dimension: Dimension, reason: str) -> DimensionScore:
    return DimensionScore(dimension.id, None, None, (), (), reason)


def _not_scored(dimension: Dimension, call: _Scored) -> str | None:
    """Why the dimension can't be scored in this call, if so."""
    if REP not in call.transcript.speakers:
        return NO_REP
    if dimension.needs_rep and not call.rep_sure:
        return REP_UNSURE
    for condition in dimension.observed_if:
        value = call.features.get(condition.feature)
        if value is None or value < condition.at_least:
            return condition.reason
    return None


def _rests_on(dimension: Dimension, head: Head, call: _Scored) -> tuple[int, ...]:
    """Positions of the evidence behind the features of a dimension, strongest first.

    What a feature puts into the latent value is shared among the evidence it rests on, times the
    evidence's own strength. The framework's landmarks stand in where there is none.
    """
    weight: dict[int, float] = {}
    for term in head.terms:
        value, positions = call.features.get(term.feature), call.supports[term.feature]
        for position in positions if value is not None else ():
            part = term.weight * term.transform(value or 0.0) / len(positions)
            weight[position] = weight.get(position, 0.0) + part * call.evidence[position].strength
    if not weight:
        weight = {i: 1.0 for i, item in enumerate(call.evidence) if item.label in dimension.absence}
    return tuple(sorted(weight, key=lambda position: (-weight[position], position)))


def _warnings(dimension: Dimension, rests_on: Sequence[int], call: _Scored) -> tuple[str, ...]:
    warnings = []
    if not call.rep_sure:
        warnings.append(WARN_REP)
    if _heard(rests_on, call) < UNSURE_WORDS:
        warnings.append(WARN_WORDS)
    for condition in dimension.warn_unless:
        value = call.features.get(condition.feature)
        if value is not None and value < condition.at_least:
            warnings.append(condition.reason)
    return tuple(warnings)


def _heard(rests_on: Sequence[int], call: _Scored) -> float:
    """Mean recogniser probability of the words of the strongest evidence; 1 where it isn't known."""
    turns = call.transcript.turns
    found = [call.evidence[position] for position in rests_on[:STRONGEST]]
    chances = [
        word.probability
        for item in found
        for word in turns[item.turn].words[item.start : item.stop]
        if word.probability is not None
    ]
    return fmean(chances) if chances else 1.0


def _advice(dimension: Dimension, head: Head, features: Mapping[str, float | None]) -> str | None:
    """What the framework says about the feature with most to gain, and what that needs first."""
    gains = _gains(dimension, head, features)
    uses = {use.name: use for use in dimension.features}
    speaking = [name for name in gains if gains[name] >= LEAST_GAIN and uses[name].advice]
    if not speaking:
        return None
    best = max(speaking, key=lambda name: gains[name])
    return " ".join(uses[name].advice for name in _first(best, uses, gains)[:MOST_ADVICE])


def _first(name: str, uses: Mapping[str, FeatureUse], gains: Mapping[str, float]) -> list[str]:
    """What to do first for a feature: whatever it needs and lacks, and that needs in turn; else itself."""
    steps: dict[str, None] = {}
    seen: set[str] = set()

    def visit(name: str) -> None:
        seen.add(name)
        lacking = [n for n in uses[name].needs if gains[n] > 0 and uses[n].advice]
        for need in lacking:
            if need not in seen:
                visit(need)
        if not lacking:
            steps[name] = None

    visit(name)
    return list(steps) or [name]


def _gains(dimension: Dimension, head: Head, features: Mapping[str, float | None]) -> dict[str, float]:
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
