"""From features to draft scores: a value, what it rests on, what would raise it, or why there is none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from models.advice import advise
from models.call import REP, DimensionScore, Evidence, Scorecard, Transcript
from models.endings import parting
from models.features import supporting
from models.framework import Dimension, Framework
from models.heads import Head, Heads, Term, contributions, draft, interval, latent, load_heads, probabilities

UNSURE_WORDS = 0.5  # mean recogniser probability below which the words of a score's evidence are doubtful
STRONGEST = 5  # pieces of evidence whose words are looked at: those a reader is shown
HIGHEST = 5
FEWEST_WORDS = 30  # of the rep, about ten seconds; a greeting and a goodbye are no call
# Mean recogniser probability of the rep's words. Four recordings with noise added: in the five runs below it
# 32 to 96% of the words differ from those heard without noise, in the three above 35 to 51%; clean: over .88.
POOR_WORDS = 0.7

NO_REP = "No speaker is marked as the rep."
LITTLE_SPEECH = "The rep says too little to be judged: under 30 words in the whole call."
POORLY_HEARD = (
    "The rep's words were recognised too poorly to draft from (mean probability {mean:.2f}); "
    "listen to the call, or use a better recording."
)
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
    withheld: str | None  # why the whole call goes without drafts


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
    supports = supporting(transcript, evidence)
    call = _Scored(transcript, evidence, features, supports, rep_sure, _withheld(transcript))
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
    value = draft(chances, head)
    return DimensionScore(
        dimension=dimension.id,
        value=value,
        interval=interval(chances, value, head.mass),
        contributions=tuple(sorted(effects, key=lambda effect: -abs(effect.effect))),
        evidence=rests_on,
        warnings=_warnings(dimension, rests_on, call),
        advice=_advice(dimension, head, call) if value < HIGHEST else None,
        probabilities=chances,
    )


def _unscored(dimension: Dimension, reason: str) -> DimensionScore:
    return DimensionScore(dimension.id, None, None, (), (), reason)


def _not_scored(dimension: Dimension, call: _Scored) -> str | None:
    """Why the dimension can't be scored in this call, if so."""
    if call.withheld:
        return call.withheld
    if dimension.needs_rep and not call.rep_sure:
        return REP_UNSURE
    for condition in dimension.observed_if:
        value = call.features.get(condition.feature)
        if value is None or value < condition.at_least:
            return condition.reason
    if dimension.needs_ending and not _ends(call):
        return dimension.needs_ending
    return None


def _withheld(transcript: Transcript) -> str | None:
    """Why no dimension of this call can be scored, if so."""
    if REP not in transcript.speakers:
        return NO_REP
    words = [word for turn in transcript.turns if turn.speaker == REP for word in turn.words]
    if len(words) < FEWEST_WORDS:
        return LITTLE_SPEECH
    chances = [word.probability for word in words if word.probability is not None]
    if chances and fmean(chances) < POOR_WORDS:
        return POORLY_HEARD.format(mean=fmean(chances))
    return None


def _ends(call: _Scored) -> bool:
    """Whether the recording goes on to a next step or to the end of the call."""
    return any(item.label == "next_step" for item in call.evidence) or parting(call.transcript)


def _rests_on(dimension: Dimension, head: Head, call: _Scored) -> tuple[int, ...]:
    """Positions of the evidence behind the features of a dimension, strongest first.

    What a feature puts into the latent value is shared among the evidence it rests on, times the
    evidence's own strength. What lowers it by its absence comes last, as a concern that nobody answered; what
    moved nothing is left out, as a name where no step was agreed. The framework's landmarks stand in where
    there is none.
    """
    weight: dict[int, float] = {}
    for term in head.terms:
        value, positions = call.features.get(term.feature), call.supports[term.feature]
        if value is None or not _moves(term, value):
            continue
        for position in positions:
            part = term.weight * term.transform(value) / len(positions)
            weight[position] = weight.get(position, 0.0) + part * call.evidence[position].strength
    if not weight:
        weight = {i: 1.0 for i, item in enumerate(call.evidence) if item.label in dimension.absence}
    return tuple(sorted(weight, key=lambda position: (-weight[position], position)))


def _moves(term: Term, value: float) -> bool:
    """Whether a feature of this value adds anything, or takes anything away from an ordinary call."""
    added = term.transform(value)
    return term.weight > 0 and (added > 0 or added != term.transform(term.reference))


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


def _advice(dimension: Dimension, head: Head, call: _Scored) -> str | None:
    return advise(dimension, head, call.transcript, call.evidence, call.features)
