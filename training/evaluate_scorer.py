"""What `ridealong evaluate scorer` does beyond its table: shortcuts, learning curves, the report."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from models.framework import Framework
from models.heads import load_heads
from training import learning_curve, score_report, shortcuts
from training.datasets import UnreadableData, scored_calls
from training.score_abstentions import abstentions
from training.score_data import Scored
from training.score_groups import groupings, groups_of

Progress = Callable[[str, float], None]


def further(
    framework: Framework,
    scored: Sequence[Scored],
    progress: Progress,
    *,
    report: Path | None = None,
    curves: bool = False,
    cuts: bool = False,
) -> Iterator[str]:
    """Lines of what was asked for; the report is written with whatever else was.

    Raises UnreadableData where there is nothing to report on, or the report can't be written.
    """
    heads, calls = load_heads(framework), scored_calls()
    if report is not None:
        _write(report, None)
    names = {call.name for call in calls}
    ours = [item for item in scored if item.call in names and not item.group.startswith("call ")]
    short = shortcuts.shortcuts(calls, progress) if cuts else []
    drawn = learning_curve.curves(framework, heads, ours, progress) if curves else []
    if short:
        yield from shortcuts.lines(short)
    if drawn:
        yield from learning_curve.lines(drawn)
    if report is not None:
        progress("report", 0.0)
        found = score_report.evaluation(framework, heads, scored, groups_of(calls, scored, groupings()))
        if found is None:
            raise UnreadableData("no score is of a call held out for measuring; give more reviews")
        used = {item.call for item in ours}
        held = [call for call in calls if call.held_out and call.name in used]
        _write(
            report,
            score_report.page(found, short, drawn, abstentions(framework, heads, held, progress)),
        )
        progress("report", 1.0)
        yield f"written: {report}"


def _write(path: Path, text: str | None) -> None:
    """Write the page; without a text only find out that it can be written, before the long work."""
    try:
        if text is None:
            path.open("a").close()
        else:
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UnreadableData(f"{path}: can't be written ({error.strerror}); give another --report") from error
