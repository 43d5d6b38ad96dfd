"""The ordinal model on public ratings: how much of a pupil's words a teacher takes up (Demszky et al. 2021).

Run it as `python -m bench.ordinal [--corpora ../shared/corpora] [--seeds 3]` from the repository root.
Without the corpus it says so and measures nothing. Ratings are means of three
people's, rounded to 0, 1 or 2.
"""

import argparse
import gzip
import json
import os
import sys
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from training.ordinal_benchmark import Rated, compare, lines

FILE = Path("uptake") / "exchanges.jsonl.gz"


def uptake(corpora: Path) -> Rated:
    """Exchanges of a pupil and a teacher with the rating of uptake, by the lesson they are from."""
    with gzip.open(corpora / FILE, "rt", encoding="utf-8") as file:
        rows = [row for row in map(json.loads, file) if row["uptake"]]
    return Rated(
        ratings=np.floor(np.array([float(row["uptake"]) for row in rows]) + 0.5),
        groups=tuple(row["obs_id"] for row in rows),
        texts=tuple((row["student_text"], row["teacher_text"]) for row in rows),
    )


def main() -> None:
    """Print a table for each seed of the folds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpora", type=Path, default=Path("../shared/corpora"))
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    if not (options.corpora / FILE).exists():
        sys.exit(
            f"skipped: {options.corpora / FILE} is not there; name the folder of the corpora with --corpora"
        )
    rated = uptake(options.corpora)
    for seed in range(options.seeds):
        print(f"uptake, folds by seed {seed}", flush=True)
        for line in lines(rated, compare(rated, lambda _stage, _share: None, seed)):
            print(line, flush=True)


if __name__ == "__main__":
    main()
