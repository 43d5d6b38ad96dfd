"""Features of our own calls by annotators that had not learned from them: `ridealong train features`.

On calls they learned from, annotators are better than they will be on a customer's: a scorer that learned
there would trust them too much. So writers are dealt into folds; for each fold annotators are fitted without
its writers, and annotate its calls as written and stripped of punctuation. What is found is kept in a work
folder, a folder a fold: a run that was stopped goes on where it was, step by step, as long as neither the
calls nor the annotators have changed.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import annotators
import models
from models.call import Evidence
from models.features import features
from models.landmarks import landmarks
from training import steps as training_steps
from training.datasets import DATA, LabelledCall, UnreadableData, scored_calls, without_punctuation
from training.fold import FOUND, STYLES, read_found
from training.steps import OF_ANY_TALK, STEPS

FOLDS = 3
# Our calls say who the rep is: nothing is asked of models for talk without one, the slowest to fit.
OF_CALLS = tuple(name for name in STEPS if name not in OF_ANY_TALK)
NAME = "features.json"
_DIGITS = 4
Progress = Callable[[str, float], None]
Features = Mapping[str, float | None]


def cross_fit(
    work: Path,
    progress: Progress,
    *,
    folds: int = FOLDS,
    corpora: Path | None = None,
    only: Sequence[str] = OF_CALLS,
    data: Path = DATA,
) -> Path:
    """Make the features of every call that isn't held out and write them to `work`; returns that file.

    `only` some steps can be fitted anew, to try it out; the other models are then the installed ones, which
    have learned from all calls. Raises UnreadableData where a fold can't be fitted, with what it said last.
    """
    calls = [call for call in scored_calls(data) if not call.held_out]
    dealt = deal([call.writer for call in calls], folds)
    found: list[Path] = []
    for number, writers in enumerate(dealt):
        folder = work / f"without-{'-'.join(writers)}-{_state(calls, corpora, only)}"
        if not (folder / FOUND).is_file():

            def tell(stage: str, share: float, number: int = number) -> None:
                progress(f"fold {number + 1} of {folds}: {stage}", (number + share) / folds)

            _prepare(folder, only)
            _run(folder, data, writers, corpora, only, tell)
        found.append(folder / FOUND)
    progress("features", 1.0)
    path = work / NAME
    path.write_text(to_text(calls, found, folds), encoding="utf-8")
    return path


def deal(writers: Iterable[str], folds: int) -> list[list[str]]:
    """Writers in `folds` parts of about equal size; raises UnreadableData where there are too few writers."""
    several = sorted(set(writers))
    if not 2 <= folds <= len(several):
        raise UnreadableData(
            f"{folds} folds of {len(several)} writers: there must be 2 to {len(several)} folds"
        )
    return [several[start::folds] for start in range(folds)]


def to_text(calls: Sequence[LabelledCall], found: Iterable[Path], folds: int) -> str:
    """The features file: for each call and style what is measured, a line a call, from evidence."""
    by_name = {call.name: call for call in calls}
    rows: dict[str, dict[str, Features]] = {}
    for path in found:
        for name, style, evidence in read_found(path):
            rows.setdefault(name, {})[style] = measured(by_name[name], style, evidence)
    head = f'{{"folds": {folds}, "calls": {{\n'
    lines = [f"{json.dumps(name)}: {json.dumps(rows[name])}" for name in sorted(rows)]
    return head + ",\n".join(lines) + "\n}}\n"


def measured(call: LabelledCall, style: str, evidence: Sequence[Evidence]) -> Features:
    """Rounded features of a call in one style."""
    heard = call.transcript if style == STYLES[0] else without_punctuation(call.transcript)
    values = features(heard, (*evidence, *landmarks(heard)))
    return {name: None if value is None else round(value, _DIGITS) for name, value in values.items()}


def kept(folder: Path = DATA) -> dict[str, dict[str, Features]]:
    """What `cross_fit` wrote, by call and style.

    Raises UnreadableData where there is no such file, saying how to make one.
    """
    path = folder / NAME
    try:
        found: dict[str, dict[str, Features]] = json.loads(path.read_text(encoding="utf-8"))["calls"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UnreadableData(
            f"{path} can't be read ({error!r}); make it by `ridealong train features`"
        ) from None
    return found


def _prepare(folder: Path, only: Sequence[str]) -> None:
    """A copy of the annotators for this fold; of the models, only those that are not to be fitted."""
    if folder.is_dir():
        return
    fresh = folder.with_name(folder.name + ".part")
    shutil.rmtree(fresh, ignore_errors=True)
    source = Path(annotators.__file__).parent
    shutil.copytree(source, fresh / "annotators", ignore=shutil.ignore_patterns("__pycache__"))
    for name in only:
        (fresh / "annotators" / "learned" / f"{name}.npz").unlink(missing_ok=True)
    fresh.rename(folder)


def _run(  # noqa: PLR0917 - all of it goes to the process
    folder: Path,
    data: Path,
    writers: Sequence[str],
    corpora: Path | None,
    only: Sequence[str],
    tell: Progress,
) -> None:
    """Run `training.fold` in a process of its own, which sees the fold's copy of the annotators first."""
    places = [str(folder.resolve()), str(Path(models.__file__).parents[1])]
    command = [sys.executable, "-P", "-m", "training.fold", str(folder.resolve()), str(data.resolve())]
    command += [",".join(writers), str(corpora.resolve()) if corpora else "", ",".join(only)]
    with (folder / "errors.txt").open("w+", encoding="utf-8") as errors:
        with subprocess.Popen(  # noqa: S603 - our own module, with arguments of our own
            command,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(places)},
        ) as child:
            for line in child.stdout or ():
                share, _, stage = line.strip().partition(" ")
                tell(stage, float(share))
        if child.returncode:
            errors.seek(0)
            said = errors.read().strip().splitlines() or ["nothing"]
            raise UnreadableData(f"the fold without {', '.join(writers)} failed: {said[-1]}")


def _state(calls: Sequence[LabelledCall], corpora: Path | None, only: Sequence[str]) -> str:
    """A short hash of all that a fold's models and evidence are made of, other than the corpora's content."""
    hashed = hashlib.sha256()
    for path in sorted(_sources()):
        hashed.update(path.name.encode() + b"\0" + path.read_bytes())
    for call in calls:
        hashed.update(repr((call.name, call.writer, call.day, call.transcript, call.readings)).encode())
    hashed.update(repr((corpora is not None, list(only))).encode())
    return hashed.hexdigest()[:12]


def _sources() -> Iterator[Path]:
    """What annotators and their training are made of, models aside: those are what is fitted."""
    for package in (annotators, training_steps):
        folder = Path(package.__file__ or "").parent
        yield from (path for path in folder.rglob("*") if path.suffix in {".py", ".toml", ".txt", ".json"})
