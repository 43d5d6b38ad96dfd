"""One fold of cross-fitting: fit annotators without some writers, then annotate those writers' calls.

Run by `training.call_features` as a process of its own, with a copy of the package `annotators` ahead of the
installed one: models fitted here are seen by nobody else, and memory is given back between folds. Writes
`evidence.jsonl` into the folder; steps that an earlier run finished aren't fitted again.
"""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import annotators
from annotators import linear
from models.call import Evidence
from training.datasets import LabelledCall, labelled_calls, scored_calls, without_punctuation
from training.steps import fitted, store

STYLES = ("as written", "stripped")  # a call as recognised may have no punctuation
FOUND = "evidence.jsonl"
_FITTED = "fitted.txt"


def fit(
    calls: Sequence[LabelledCall], corpora: Path | None, steps: Sequence[str], folder: Path
) -> Iterator[str]:
    """Fit the named models that an earlier run has not fitted; yields each as it begins."""
    log = folder / _FITTED
    done = log.read_text(encoding="utf-8").split() if log.is_file() else []
    for name in steps:
        yield name
        if name not in done:
            store(fitted(name, calls, corpora))
            with log.open("a", encoding="utf-8") as lines:
                lines.write(name + "\n")
        linear.forget()


def annotated(calls: Iterable[LabelledCall]) -> Iterator[dict[str, object]]:
    """A row a call and style: what the annotators find in it now."""
    for call in calls:
        for style in STYLES:
            heard = call.transcript if style == STYLES[0] else without_punctuation(call.transcript)
            found = annotators.annotate(heard, call_date=call.day)
            yield {"call": call.name, "style": style, "evidence": [asdict(item) for item in found]}


def read_found(path: Path) -> Iterator[tuple[str, str, tuple[Evidence, ...]]]:
    """Call, style and evidence of each row that a fold wrote."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            yield row["call"], row["style"], tuple(Evidence(**item) for item in row["evidence"])


def main(
    folder: Path, data: Path, writers: Sequence[str], corpora: Path | None, steps: Sequence[str]
) -> None:
    """Fit, annotate and write; each line on standard output is the share of the fold done and a step."""
    whole = len(steps) + 1
    if not Path(annotators.__file__).resolve().is_relative_to(folder.resolve()):
        raise SystemExit(f"the annotators in {annotators.__file__} are not this fold's own copy")
    others = [call for call in labelled_calls(data) if not call.held_out and call.writer not in writers]
    own = [call for call in scored_calls(data) if not call.held_out and call.writer in writers]
    for number, name in enumerate(fit(others, corpora, steps, folder)):
        sys.stdout.write(f"{number / whole:.3f} {name}\n")
        sys.stdout.flush()
    sys.stdout.write(f"{len(steps) / whole:.3f} annotating\n")
    sys.stdout.flush()
    fresh = folder / f"{FOUND}.part"
    with fresh.open("w", encoding="utf-8") as lines:
        lines.writelines(json.dumps(row) + "\n" for row in annotated(own))
    fresh.replace(folder / FOUND)


if __name__ == "__main__":
    _folder, _data, _writers, _corpora, _steps = sys.argv[1:]
    _only = [name for name in _steps.split(",") if name]
    main(Path(_folder), Path(_data), _writers.split(","), Path(_corpora) if _corpora else None, _only)
