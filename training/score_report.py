"""The scorer's report: one HTML page without network, its figures as tables and its plots beside them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from models.framework import Framework
from models.heads import COVERAGE, Heads
from training import score_plots
from training.learning_curve import Curve
from training.score_abstentions import Abstention
from training.score_cells import (
    FEWEST_CALLS,
    Bin,
    Cell,
    Measured,
    calibration_error,
    cell,
    confusion,
    reliability,
)
from training.score_commands import held_out
from training.score_data import Scored, blind_alone
from training.score_groups import Groups
from training.scorer import Guess, by_dimension, guess
from training.shortcuts import Shortcut

TEMPLATES = Path(__file__).parent / "templates"
ALL = "all dimensions"


@dataclass(frozen=True, slots=True)
class Part:
    """A dimension, or all together: overall and by kind of group, and the calibration and confusion."""

    name: str
    overall: Cell
    groups: Mapping[str, Mapping[str, Cell]]
    bins: tuple[Bin, ...]
    calibration_error: float
    confusion: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Figures of drafts on held-out scores: `together` over all dimensions, and each of them.

    `reviewed` of the scores are people's; `sighted` says that none was to be had that was given blind.
    """

    framework: str
    version: str
    reviewed: int
    sighted: bool
    together: Part
    dimensions: tuple[Part, ...]


def evaluation(
    framework: Framework, heads: Heads, scored: Sequence[Scored], groups: Groups
) -> Evaluation | None:
    """Figures on the held-out ones of the scores, by dimension and by group; None where there are none."""
    held = blind_alone([item for item in scored if held_out(item)])
    guesses = {
        name: guess(heads.of(name), framework.dimension(name), given)
        for name, given in by_dimension(held, framework).items()
    }
    masses = {head.dimension: head.mass for head in heads.heads}
    every = [one for own in guesses.values() for one in own]
    if not every:
        return None
    return Evaluation(
        framework=f"{framework.title} ({framework.id})",
        version=heads.version,
        reviewed=sum(item.reviewed for item in held),
        sighted=any(not item.blind for item in held),
        together=_part(ALL, every, masses, groups),
        dimensions=tuple(_part(name, own, masses, groups) for name, own in guesses.items() if own),
    )


def _part(name: str, guesses: Sequence[Guess], masses: Mapping[str, float], groups: Groups) -> Part:
    members: dict[str, dict[str, list[Guess]]] = {}
    for one in guesses:
        for kind, group in groups.get(one.scored.call, {}).items():
            members.setdefault(kind, {}).setdefault(group, []).append(one)
    reviewers = members.setdefault("scored by", {})
    for one in guesses:
        reviewers.setdefault(one.scored.reviewer, []).append(one)
    return Part(
        name=name,
        overall=cell(guesses, masses),
        groups={
            kind: {group: cell(own, masses) for group, own in sorted(found.items())}
            for kind, found in sorted(members.items())
        },
        bins=tuple(reliability(guesses)),
        calibration_error=calibration_error(guesses),
        confusion=tuple(map(tuple, confusion(guesses))),
    )


def page(
    found: Evaluation,
    shortcuts: Sequence[Shortcut] = (),
    curves: Sequence[Curve] = (),
    abstentions: Sequence[Abstention] = (),
) -> str:
    """The report as HTML; the same figures give the same bytes."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(figure=figure, signed=signed, share=share)
    return environment.get_template("score_report.html.j2").render(
        found=found,
        parts=(*found.dimensions, found.together),
        stated=COVERAGE,
        fewest=FEWEST_CALLS,
        shortcuts=shortcuts,
        curves=curves,
        abstentions=abstentions,
        plots=_plots(found, curves) if score_plots.drawable() else None,
    )


def _plots(found: Evaluation, curves: Sequence[Curve]) -> dict[str, str]:
    rows = [
        (part.name, part.overall.kappa, part.overall.readers.kappa if part.overall.readers else None)
        for part in found.dimensions
        if part.overall.kappa is not None
    ]
    plots = {}
    if rows:
        plots["kappa"] = score_plots.interval_plot(rows, "quadratic weighted kappa")
    bins = {part.name: part.bins for part in found.dimensions if part.bins}
    if bins:
        plots["reliability"] = score_plots.reliability_plot(bins)
    if curves:
        panels = {
            curve.organisation: [
                score_plots.Line(line.name, tuple(float(n) for n in line.reviews), line.kappas)
                for line in curve.lines
            ]
            for curve in curves
        }
        plots["curves"] = score_plots.curve_plot(panels, "reviewed calls", "kappa with the organisation")
    return plots


def figure(measured: Measured | None) -> str:
    """A figure with its interval, or that there are too few calls for one."""
    if measured is None:
        return "too few"
    return f"{measured.value:.2f} ({measured.low:.2f} to {measured.high:.2f})"


def signed(measured: Measured | None) -> str:
    """A figure that has a direction, with its interval."""
    if measured is None:
        return "too few"
    return f"{measured.value:+.2f} ({measured.low:+.2f} to {measured.high:+.2f})"


def share(value: float) -> str:
    """A figure with two places."""
    return f"{value:.2f}"
