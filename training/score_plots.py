"""Plots of the scorer's report as inline SVG that takes its colours from the page, light or dark.

Drawn by matplotlib, an extra: without it a report has its tables and says that plots need it.
"""

import io
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from training.score_cells import Bin, Measured

# Stand-ins that no plot uses otherwise; the page's style gives each a light and a dark colour.
INK, FAINT, FIRST, SECOND, THIRD = "#010203", "#040506", "#070809", "#0a0b0c", "#0d0e0f"
VARIABLES = {
    INK: "var(--ink)",
    FAINT: "var(--faint)",
    FIRST: "var(--first)",
    SECOND: "var(--second)",
    THIRD: "var(--third)",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a plot: points (x, y) with an interval in y."""

    name: str
    xs: tuple[float, ...]
    ys: tuple[Measured, ...]


def drawable() -> bool:
    """Whether matplotlib is installed."""
    return _pyplot() is not None


def reliability_plot(bins: Mapping[str, Sequence[Bin]]) -> str:
    """Stated against seen probability, a panel for each dimension; the diagonal is what is wanted."""
    with _figure(len(bins), 2.3 * len(bins), 2.5) as (figure, axes):
        for axis, (name, found) in zip(axes, bins.items(), strict=True):
            axis.plot([0, 1], [0, 1], color=FAINT, linewidth=1)
            values = [one.seen.value for one in found]
            _whiskers(axis, [one.stated for one in found], [one.seen for one in found], FIRST)
            axis.plot([one.stated for one in found], values, color=FIRST, marker="o", markersize=3.5)
            axis.set(xlim=(0, 1), ylim=(0, 1), title=name, xlabel="stated")
        axes[0].set_ylabel("seen")
        return _svg(figure, "Reliability of the stated probabilities; the table beside it has the figures.")


def interval_plot(rows: Sequence[tuple[str, Measured, Measured | None]], axis_name: str) -> str:
    """A row for each name: the drafts' figure with its interval, and the readers' beside it."""
    with _figure(1, 7, 0.8 + 0.34 * len(rows)) as (figure, axes):
        axis = axes[0]
        for place, (_, own, readers) in enumerate(reversed(rows)):
            axis.plot([own.low, own.high], [place] * 2, color=FIRST, linewidth=2)
            axis.plot(own.value, place, color=FIRST, marker="o", label="drafts" if not place else None)
            if readers is not None:
                axis.plot([readers.low, readers.high], [place + 0.22] * 2, color=SECOND, linewidth=1.2)
                axis.plot(
                    readers.value,
                    place + 0.22,
                    color=SECOND,
                    marker="D",
                    markersize=4,
                    label="reader with reader" if not place else None,
                )
        axis.set_yticks(range(len(rows)), [name for name, _, _ in reversed(rows)])
        axis.set(xlabel=axis_name, xlim=(min(0, *(own.low for _, own, _ in rows)), 1.02))
        axis.legend(loc="lower left", frameon=False, labelcolor=INK)
        return _svg(figure, f"{axis_name}: drafts and readers; the table beside it has the figures.")


def curve_plot(panels: Mapping[str, Sequence[Line]], x_name: str, y_name: str) -> str:
    """Lines with bands, a panel for each name."""
    with _figure(len(panels), 3.2 * len(panels), 2.9) as (figure, axes):
        for axis, (name, drawn) in zip(axes, panels.items(), strict=True):
            looks = ((FIRST, "o", "-"), (SECOND, "s", "--"), (THIRD, "^", ":"))
            for line, (colour, marker, style) in zip(drawn, looks, strict=False):
                values = [one.value for one in line.ys]
                axis.plot(
                    line.xs,
                    values,
                    color=colour,
                    marker=marker,
                    linestyle=style,
                    markersize=4,
                    label=line.name,
                )
                low, high = [one.low for one in line.ys], [one.high for one in line.ys]
                axis.fill_between(line.xs, low, high, color=colour, alpha=0.15, linewidth=0)
            axis.set(title=name, xlabel=x_name, ylim=(0, 1))
        axes[0].set_ylabel(y_name)
        axes[0].legend(loc="lower right", frameon=False, labelcolor=INK)
        return _svg(figure, f"{y_name} by {x_name}; the table beside it has the figures.")


def _whiskers(axis: Any, xs: Sequence[float], ys: Sequence[Measured], colour: str) -> None:
    for x, y in zip(xs, ys, strict=True):
        axis.plot([x, x], [y.low, y.high], color=colour, linewidth=1)


def _pyplot() -> ModuleType | None:
    try:
        import matplotlib as mpl  # noqa: PLC0415 - an extra, and slow to import

        mpl.use("svg")
        import matplotlib.pyplot as plt  # noqa: PLC0415
    except ImportError:
        return None
    return plt


@contextmanager
def _figure(panels: int, width: float, height: float) -> Iterator[tuple[Any, Sequence[Any]]]:
    """A figure of panels in a row, in the page's colours and font, closed at the end."""
    pyplot = _pyplot()
    if pyplot is None:
        raise ModuleNotFoundError("plots need matplotlib; install ridealong[reports]")
    style = {
        "svg.fonttype": "none",
        "svg.hashsalt": "ridealong",
        "font.size": 9,
        "axes.titlesize": 9,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.facecolor": "none",
        "figure.facecolor": "none",
        **dict.fromkeys(
            ("text.color", "axes.labelcolor", "xtick.color", "ytick.color", "axes.edgecolor"), INK
        ),
    }
    with pyplot.rc_context(style):
        figure, axes = pyplot.subplots(
            1, panels, figsize=(width, height), squeeze=False, layout="constrained"
        )
        try:
            yield figure, list(axes[0])
        finally:
            pyplot.close(figure)


def _svg(figure: Any, told: str) -> str:
    """The figure as an SVG element with a text for those who can't see it, the same bytes every time."""
    written = io.StringIO()
    figure.savefig(written, format="svg", metadata={"Date": None, "Creator": None})
    text = written.getvalue()
    text = re.sub(r"<metadata>.*?</metadata>", "", text[text.index("<svg") :], flags=re.DOTALL)
    for colour, variable in VARIABLES.items():
        text = text.replace(colour, variable)
    # A page has several plots: the names inside each must not meet those of another.
    mark = f"p{zlib.crc32(text.encode()):x}"
    text = re.sub(r'\bid="', f'id="{mark}-', text)
    text = re.sub(r"url\(#", f"url(#{mark}-", text)
    text = re.sub(r'xlink:href="#', f'xlink:href="#{mark}-', text)
    return text.replace("<svg", f'<svg role="img" aria-label="{told}"', 1)
