"""What a training run of the scorer came to: what is new, why, what changed; and the weights file with it."""

from collections.abc import Iterator, Mapping, Sequence

from models.agreement import quadratic_kappa
from models.framework import Framework
from models.heads import Head, Heads
from training.duels import SURE, Duel
from training.score_commands import Trained
from training.score_data import Scored
from training.scorer import Candidate, covered
from training.weights_file import data_hash, toml

_MOST = 4  # changes told of a head


def summary(trained: Trained, framework: Framework) -> Iterator[str]:
    """Lines that say of each dimension whether it has a new head, why or why not, and what changed."""
    fought = {one.dimension: one for one in trained.duels}
    learned = {one.head.dimension: one for one in trained.candidates}
    for dimension in framework.dimensions:
        one = fought.get(dimension.id)
        if one is None:
            why = trained.unlearned.get(dimension.id, "no score was held out to measure on")
            yield f"{dimension.id}: kept, as {why}"
            continue
        yield _verdict(one)
        if trained.before is None:
            continue
        before = trained.before.of(dimension.id)
        if not one.won:
            yield from _set_right(before, Heads(trained.heads, "").of(dimension.id))
        elif dimension.id in learned:
            yield from _changes(before, learned[dimension.id])


def _verdict(one: Duel) -> str:
    says = "replaced" if one.won else "kept"
    why = (
        f"; a call with just what the anchor of {' and '.join(map(str, one.missed))} demands would miss it"
        if one.missed
        else ""
    )
    if why and one.reviewed:
        why += f", as {one.reviewed} reviews by people hold calls to another standard"
    return (
        f"{one.dimension}: {says}; kappa {one.current:.3f} before, {one.new:.3f} after "
        f"on {one.cases} scores that neither learned from, better in {one.better:.0%} of bootstrap rounds "
        f"(asked for: {SURE:.0%}){why}"
    )


def _set_right(before: Head, kept: Head) -> Iterator[str]:
    """What was set right of a head that was kept."""
    if kept.base != before.base:
        how = "milder" if kept.base > before.base else "stricter"
        yield (
            f"  made {abs(kept.base - before.base):.2f} {how}, as all scores ask for, some new to it; "
            f"intervals hold {kept.mass:.1%} of the model's probability"
        )


def _changes(before: Head, candidate: Candidate) -> Iterator[str]:
    """The weights that moved most, in score points, and what the head rests on."""
    old = {term.feature: term.weight for term in before.terms}
    moved = sorted(
        ((term.weight - old.get(term.feature, 0.0), term.feature) for term in candidate.head.terms),
        key=lambda change: -abs(change[0]),
    )
    told = ", ".join(f"{name} {gap:+.2f}" for gap, name in moved[:_MOST] if abs(gap) >= 0.005)
    yield f"  weights: {told or 'as before'}"
    cuts = ", ".join(f"{a:.2f} to {b:.2f}" for a, b in zip(before.cuts, candidate.head.cuts, strict=True))
    yield f"  cuts: {cuts}"
    settings = candidate.settings
    if settings is not None:
        yield (
            f"  held to what was known by a penalty of {settings.penalty:g}, anchors count "
            f"{settings.anchor:g}; intervals hold {candidate.head.mass:.1%} of the model's probability"
        )


def metrics(candidate: Candidate) -> dict[str, float]:
    """How a head's like did on calls left out of training, by cross-validation."""
    truth = [one.scored.value or 0 for one in candidate.unseen]
    found = [one.value for one in candidate.unseen]
    return {
        "scores": float(len(truth)),
        "kappa": quadratic_kappa(truth, found),
        "coverage": covered(candidate.unseen, candidate.head.mass),
    }


def weights_file(
    framework: Framework, trained: Trained, sources: Mapping[str, int], scored: Sequence[Scored] = ()
) -> str:
    """The text of the weights file, with its card, the hash of the data and cross-validated figures."""
    learned = ", ".join(f"{count} scores of {name}" for name, count in sources.items())
    promoted = ", ".join(trained.promoted) or "none"
    return toml(
        framework,
        trained.heads,
        "trained",
        [
            f"Written by `ridealong train scorer` from {learned}.",
            f"Learned now: {promoted}; the other heads are as they were before.",
            "Weights are drawn to the prior's and to what each anchor demands; a unit is a score point.",
            "Metrics are of calls left out of training; `mass` makes intervals hold 80%. Drafts are",
            "proposals for a person to decide on, never for ranking people, pay or dismissal.",
            "Card: docs/scoring.md.",
        ],
        data=data_hash(scored),
        metrics={
            one.head.dimension: metrics(one)
            for one in trained.candidates
            if one.head.dimension in trained.promoted
        },
    )
