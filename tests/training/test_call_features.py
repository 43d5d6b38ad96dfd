"""Features that a scorer learns from are measured by annotators that had not learned from the call."""

import json
import shutil
from pathlib import Path

import pytest

from training.call_features import cross_fit, deal, kept
from training.datasets import DATA, UnreadableData, scored_calls
from training.score_data import from_kept

CALLS = scored_calls()


def test_writers_are_dealt_into_folds() -> None:
    assert deal(["w1", "w3", "w1", "w10"], 2) == [["w1", "w3"], ["w10"]]
    with pytest.raises(UnreadableData, match="there must be 2 to 3 folds"):
        deal(["w1", "w3", "w10"], 4)


def test_shipped_features_are_of_every_call_that_is_not_held_out_and_of_no_other() -> None:
    found = kept()
    assert set(found) == {call.name for call in CALLS if not call.held_out}
    assert all(set(styles) == {"as written", "stripped"} for styles in found.values())


def test_both_styles_of_a_call_count_as_one_score() -> None:
    call = next(call for call in CALLS if not call.held_out)
    scored = [item for item in from_kept([call]) if item.dimension == "value"]
    assert sum(item.strength for item in scored) == pytest.approx(len(call.readings))


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(UnreadableData, match="ridealong train features"):
        kept(tmp_path)


@pytest.fixture
def few(tmp_path: Path) -> Path:
    """A call of each of two writers, and a held-out one, as a data folder of their own."""
    folder = tmp_path / "data"
    index = json.loads((DATA / "index.json").read_text(encoding="utf-8"))
    names = [next(row["id"] for row in index if row["writer"] == writer) for writer in ("w1", "w3", "w2")]
    for name in names:
        for path in [DATA / "calls" / f"{name}.json", *(DATA / "marks").glob(f"*/{name}.txt")]:
            target = folder / path.relative_to(DATA)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
    rows = [row for row in index if row["id"] in names]
    (folder / "index.json").write_text(json.dumps(rows), encoding="utf-8")
    return folder


def test_a_run_measures_every_writer_and_goes_on_where_it_was_stopped(tmp_path: Path, few: Path) -> None:
    told: list[str] = []

    def run() -> bytes:
        told.clear()
        made = cross_fit(
            tmp_path, lambda stage, _share: told.append(stage), folds=2, only=["step_vague"], data=few
        )
        return made.read_bytes()

    first = run()
    calls = json.loads(first)["calls"]
    assert sorted(name.split("-")[0] for name in calls) == ["w1", "w3"]
    assert "fold 2 of 2: step_vague" in told
    # The second fold is gone; the first isn't made again.
    second = next(tmp_path.glob("without-w3-*"))
    (second / "evidence.jsonl").unlink()
    assert run() == first
    assert not [stage for stage in told if stage.startswith("fold 1")]
    assert run() == first
    assert told == ["features"]


def test_a_fold_that_fails_says_why(tmp_path: Path, few: Path) -> None:
    with pytest.raises(UnreadableData, match=r"the fold without w1 failed: .*nonsense"):
        cross_fit(tmp_path, lambda _stage, _share: None, folds=2, only=["nonsense"], data=few)
