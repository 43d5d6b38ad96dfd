"""The comparison on rated texts: fair, told plainly, and right about who is better."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from training.datasets import UnreadableData
from training.ordinal_benchmark import (
    LOGISTIC,
    OURS,
    OURS_FOR_KAPPA,
    RIDGE,
    Rated,
    compare,
    from_csv,
    lines,
    text_counts,
)

ROOT = Path(__file__).parents[2]
QUIET = lambda _stage, _share: None  # noqa: E731 - what a progress bar is told here


def rated(size: int = 75) -> Rated:
    """Texts that praise as much as they are rated, with some noise; five to a group."""
    random = np.random.default_rng(6)
    ratings = random.integers(0, 4, size)
    texts = []
    for rating in ratings:
        good = int(np.clip(rating + random.integers(-1, 2), 0, 4))
        texts.append(" ".join(random.permutation(["fine"] * (2 * good) + ["dull", "long", "the", "a"] * 2)))
    return Rated(
        ratings.astype(float), tuple(str(n // 5) for n in range(size)), tuple((text,) for text in texts)
    )


def test_models_are_compared_on_texts_they_did_not_see() -> None:
    found = compare(rated(), QUIET)
    kappas = {one.model: one.kappa for one in found.results}
    assert set(kappas) == {OURS, OURS_FOR_KAPPA, RIDGE, LOGISTIC}
    assert min(kappas.values()) > 0.4
    for gain in found.gains:
        assert gain.kappa == pytest.approx(kappas[gain.model] - kappas[gain.rival])
        assert gain.kappa_interval[0] <= gain.kappa <= gain.kappa_interval[1]
    table = "\n".join(lines(rated(), found))
    assert "75 cases in 15 groups" in table
    assert "ordinal, for kappa over ridge and round" in table


def test_words_taken_up_from_the_other_column_are_counted() -> None:
    taken, ignored = text_counts([("we can make eighteen", "eighteen, how?"), ("we can make it", "sit down")])
    assert taken[-2] == pytest.approx(0.5)
    assert ignored[-2] == 0


def test_too_little_is_said_to_be_too_little() -> None:
    with pytest.raises(UnreadableData, match="too few"):
        compare(Rated(np.array([1.0, 2.0] * 10), tuple("abcdefghij" * 2), (("a",),) * 20), QUIET)


def test_a_file_gives_its_cases_and_leaves_out_the_unrated(tmp_path: Path) -> None:
    path = tmp_path / "essays.csv"
    path.write_text('essay,mark,who\n"One, two",3,a\nThree,,b\nFour,2.5,c\n', encoding="utf-8")
    found = from_csv(path, ["essay"], "mark", "who")
    assert found.texts == (("One, two",), ("Four",))
    assert found.ratings.tolist() == [3.0, 3.0]
    assert found.groups == ("a", "c")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("essay,mark\nText,good\n", "line 2: 'good' is no rating"),
        ("essay,mark\nText,nan\n", "line 2: 'nan' is no rating"),
        ("essay,grade\nText,3\n", "no column 'mark'; the columns are essay, grade"),
        ("", "no column 'essay'; the columns are none"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_in_one_line(tmp_path: Path, content: str, says: str) -> None:
    path = tmp_path / "essays.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(UnreadableData, match=says) as caught:
        from_csv(path, ["essay"], "mark")
    assert "\n" not in str(caught.value)


def test_without_the_corpus_the_benchmark_says_why_it_is_skipped(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bench.ordinal", "--corpora", str(tmp_path)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.stderr.startswith("skipped: ")
    assert "--corpora" in ran.stderr
