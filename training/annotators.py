"""Train the annotators' models, and measure the annotators: what the two commands do."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import get_args

from annotators import linear
from training.call_figures import Figures, agreement, measure, table
from training.corpus_figures import corpus_figures
from training.datasets import LabelledCall, Sort, UnreadableData, labelled_calls
from training.steps import STEPS, Model, fitted, store

Progress = Callable[[str, float], None]  # what is being done, share done 0..1


def train(
    corpora: Path | None,
    folder: Path = linear.FOLDER,
    only: Sequence[str] = (),
    progress: Progress | None = None,
    *,
    figures: bool = False,
) -> list[Model]:
    """Train every model, or those named, on the calls that aren't held out, and write them to `folder`.

    Some learn from public corpora, too, where `corpora` names them. `figures` adds to what a model says of
    itself how models that left out one writer did on that writer's calls; it takes many times as long.
    """
    calls = [call for call in labelled_calls() if not call.held_out]
    unknown = sorted(set(only) - set(STEPS))
    if unknown:
        raise UnreadableData(f"there is no model {', '.join(unknown)}; there are {', '.join(STEPS)}")
    steps = [name for name in STEPS if not only or name in only]
    models: list[Model] = []
    for number, name in enumerate(steps):
        if progress:
            progress(name, number / len(steps))
        model = fitted(name, calls, corpora, figures=figures)
        store(model, folder)
        # The next step learns on top of what is found with this model.
        linear.forget()
        models.append(model)
    if progress:
        progress("trained", 1.0)
    return models


def report(corpora: Path | None, *, held_out: bool = True) -> Iterator[str]:
    """Lines of figures: on our calls of held-out writers (or all others), and on public corpora if given."""
    wanted = [call for call in labelled_calls() if call.held_out == held_out]
    columns: dict[str, Figures] = {}
    for sort in get_args(Sort):
        calls = [call for call in wanted if call.sort == sort]
        if not calls:
            continue
        yield f"{sort}: {len(calls)} sales calls of {_named(calls)}, each against its readers"
        columns[sort] = measure(calls)
        columns[f"{sort} stripped"] = measure(calls, stripped=True)
        if any(len(call.readings) > 1 for call in calls):
            columns[f"{sort} readers"] = agreement(calls)
    yield from table(columns)
    if corpora is None:
        yield "Public corpora: not measured; name their folder with --corpora."
        return
    yield ""
    for name, figure in corpus_figures(corpora).items():
        yield f"{name}: {figure:.3f}"


def _named(calls: Iterable[LabelledCall]) -> str:
    return "writers " + ", ".join(sorted({call.writer for call in calls}))
