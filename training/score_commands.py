"""Train the scorer and measure it: what `ridealong train scorer` and `ridealong evaluate scorer` do."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from models.agreement import bias, exact, quadratic_kappa, within_one
from models.framework import Framework
from models.heads import Head, Heads, load_heads, load_prior
from training.anchors import anchors_of
from training.calibration import calibrated, is_new
from training.datasets import HELD_OUT_WRITERS, LabelledCall, scored_calls
from training.duels import Duel, duel
from training.score_data import Scored, blind_alone, from_calls, from_kept, from_reviews, people_alone
from training.scorer import Candidate, Figures, by_dimension, figures, guess, train

Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class Trained:
    """What training came to: all heads, the duels that decided which are new, and what was tried.

    `before` are the heads that were current; `candidates` the heads learned, promoted or not; `unlearned`
    says of other dimensions why no head could be learned.
    """

    heads: tuple[Head, ...]
    duels: tuple[Duel, ...]
    before: Heads | None = None
    candidates: tuple[Candidate, ...] = ()
    unlearned: Mapping[str, str] = field(default_factory=dict)

    @property
    def promoted(self) -> tuple[str, ...]:
        """Dimensions whose new head took the place of the current one."""
        return tuple(duel.dimension for duel in self.duels if duel.won)

    @property
    def changed(self) -> bool:
        """Whether anything is new: a head, or how strict one that was kept is, or how wide its intervals."""
        return self.before is None or self.heads != self.before.heads


def gather(
    reviews: Sequence[Path], progress: Progress, calls: Sequence[LabelledCall] | None = None
) -> list[Scored]:
    """All scores: those of our calls and of exported reviews.

    Held-out calls are annotated anew; for training there are those whose features were kept.
    """
    ours = scored_calls() if calls is None else calls
    scored = list(from_kept(call for call in ours if not call.held_out))
    held = [call for call in ours if call.held_out]
    for number, call in enumerate(held):
        progress("annotate", number / len(held))
        scored.extend(from_calls([call]))
    progress("annotate", 1.0)
    for path in reviews:
        scored.extend(from_reviews(path))
    return scored


def held_out(item: Scored) -> bool:
    """Whether a score is for measuring: of our held-out writers, and of every fifth reviewed call."""
    if item.reviewed:
        return sum(item.call.encode()) % 5 == 0
    return item.group in HELD_OUT_WRITERS


def retrain(framework: Framework, scored: Sequence[Scored], current: Heads, progress: Progress) -> Trained:
    """Learn new heads from what isn't held out, and keep each only if it beats the current one on what is.

    The stated test: on the held-out scores, weighted as in training, quadratic weighted kappa is higher in at
    least 90% of 2,000 bootstrap rounds over calls. Reviews alone are measured on where ten held-out calls or
    more have any. Without reviews to learn from, a call that has exactly what an anchor demands must also get
    that anchor's score; and those that cross-validation left out count beside the held-out ones, as far as
    the current head has not learned from them: all against a head of the prior, else of writers new to it.
    """
    own = [item for item in scored if not held_out(item)]
    rest = by_dimension([item for item in scored if held_out(item)], framework)
    heads: list[Head] = []
    duels: list[Duel] = []
    candidates: list[Candidate] = []
    unlearned: dict[str, str] = {}
    progress("learn", 0.0)
    prior = load_prior(framework)
    seen = by_dimension(own, framework)
    made = train(framework, own, current, prior, anchors_of(framework))
    for number, candidate in enumerate(made):
        progress("learn", (number + 1) / len(framework.dimensions))
        name = candidate.head.dimension
        dimension, old = framework.dimension(name), current.of(name)
        if candidate.why:
            unlearned[name] = candidate.why
        judges = people_alone(rest[name])
        # What neither has learned from: the guesses on `left` are by heads without the writer of the call.
        left = (
            [] if candidate.reviewed else [one for one in candidate.unseen if is_new(old, one.scored, prior)]
        )
        fought = duel(
            guess(old, dimension, [*judges, *(one.scored for one in left)]),
            [*guess(candidate.head, dimension, judges), *left] if judges else [],
            candidate,
        )
        if candidate.settings is None or fought is None:
            heads.append(old)
            continue
        duels.append(fought)
        candidates.append(candidate)
        heads.append(candidate.head if fought.won else calibrated(old, dimension, seen[name], prior))
    return Trained(tuple(heads), tuple(duels), current, tuple(candidates), unlearned)


def evaluate(
    framework: Framework, scored: Sequence[Scored], heads: Heads | None = None
) -> dict[str, dict[str, Figures]]:
    """Figures by dimension, for all held-out scores given blind ("all") and against each reviewer."""
    heads = heads or load_heads(framework)
    found: dict[str, dict[str, Figures]] = {}
    held = blind_alone([item for item in scored if held_out(item)])
    for name, given in by_dimension(held, framework).items():
        head = heads.of(name)
        guesses = guess(head, framework.dimension(name), given)
        if guesses:
            found[name] = {"all": figures(guesses, head.mass)}
            for reviewer in sorted({item.reviewer for item in given}):
                own = [one for one in guesses if one.scored.reviewer == reviewer]
                found[name][reviewer] = figures(own, head.mass)
    return found


def between_readers(scored: Sequence[Scored]) -> dict[str, dict[str, float]]:
    """By dimension, how two readers of the same held-out calls agree, neither having seen a draft."""
    values: dict[tuple[str, str], dict[str, int]] = {}
    for item in blind_alone([one for one in scored if held_out(one)]):
        if item.value is not None:
            values.setdefault((item.dimension, item.call), {})[item.reviewer] = item.value
    pairs: dict[str, list[tuple[int, int]]] = {}
    for (dimension, _), given in values.items():
        if len(given) > 1:
            first, second = list(given.values())[:2]
            pairs.setdefault(dimension, []).append((first, second))
    found = {}
    for dimension, both in pairs.items():
        one, other = [a for a, _ in both], [b for _, b in both]
        found[dimension] = {
            "cases": float(len(both)),
            "kappa": quadratic_kappa(one, other),
            "exact": exact(one, other),
            "within_one": within_one(one, other),
            "bias": bias(one, other),
        }
    return found


def learned_from(scored: Sequence[Scored]) -> list[Scored]:
    """The scores that heads are learned from: given, and not held out."""
    return [item for item in scored if not held_out(item) and item.value is not None]


def sources(scored: Sequence[Scored]) -> dict[str, int]:
    """How many scores were learned from, ours and reviews."""
    own = learned_from(scored)
    reviewed = sum(item.reviewed for item in own)
    return {"our calls": len(own) - reviewed, **({"exported reviews": reviewed} if reviewed else {})}


def report(framework: Framework, scored: Sequence[Scored]) -> Iterator[str]:
    """Lines of a table: each dimension, against all reviewers, each of them, and readers among themselves."""
    yield f"{'':28}  cases  kappa  (95% interval)   exact  +-1    bias   in interval (0.80 stated)"
    among = between_readers(scored)
    for name, found in evaluate(framework, scored).items():
        for rater, one in found.items():
            label = f"{name}, {rater}"
            yield (
                f"{label:28}  {one.cases:5}  {one.kappa:5.2f}  ({one.low:5.2f} to {one.high:4.2f})  "
                f"{one.exact:5.2f}  {one.within_one:4.2f}  {one.bias:+5.2f}  {one.coverage:5.2f}"
            )
        if name in among:
            pair = among[name]
            yield (
                f"{name + ', reader-reader':28}  {int(pair['cases']):5}  {pair['kappa']:5.2f}  {'':16}  "
                f"{pair['exact']:5.2f}  {pair['within_one']:4.2f}  {pair['bias']:+5.2f}"
            )
