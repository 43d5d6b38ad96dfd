"""Scenes written for training are short calls, marked by their writers; a slip in one is named."""

from dataclasses import replace
from pathlib import Path

import pytest

from training.datasets import UnreadableData, labelled_calls
from training.scenes import scenes
from training.steps.rep_questions import HAND, examples

SCENE = """date 2026-03-11
rep: It's four eighty a month.
buyer: That's more than the van lease.
---
1|objection|That's more than the van lease|price; open
"""


def test_every_scene_that_ships_is_a_short_call_with_one_reading() -> None:
    shipped = scenes()
    assert len(shipped) == 200
    assert len({scene.name for scene in shipped}) == 200
    for scene in shipped:
        assert [reading.reader for reading in scene.readings] == [scene.writer]
        assert {turn.speaker for turn in scene.transcript.turns} >= {"rep", "buyer"}, scene.name
        assert any(mark.label != "question" for mark in scene.readings[0].marks), scene.name


def test_no_scene_is_by_somebody_whose_calls_are_measured_on() -> None:
    assert not {scene.writer for scene in scenes()} & {call.writer for call in labelled_calls()}


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (SCENE.replace("rep: It's", "seller: It's"), "turns"),
        (SCENE.replace("date ", ""), "date 2026-03-11"),
        (SCENE.replace("2026-03-11", "11 March"), "11 March"),
        (SCENE.replace("|That's more", "|That is more"), "the quote is not in the turn"),
    ],
)
def test_a_slip_names_file_and_scene(wrong: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "x9.txt"
    path.write_text(f"{SCENE}====\n{wrong}", encoding="utf-8")
    with pytest.raises(UnreadableData, match=f"x9.txt, scene 2: .*{told}"):
        scenes(tmp_path)


def test_however_many_scenes_there_are_what_was_written_beside_calls_counts_no_more(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text(SCENE, encoding="utf-8")
    (scene,) = scenes(tmp_path)
    few, many = ([replace(scene, name=f"{count}") for count in range(size)] for size in (1, 380))
    counts = [{one.strength for one in examples(own) if one.writer == HAND} for own in (few, many)]
    assert counts[0] == counts[1]
