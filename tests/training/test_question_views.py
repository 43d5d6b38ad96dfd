"""Discovery questions as the second look learns them."""

import numpy as np

from annotators.call_pieces import Cutter
from annotators.call_reader import columns, load
from annotators.second_look import NAME
from training.datasets import labelled_calls
from training.look_lessons import lessons
from training.steps.question_views import TASKS, examples


def test_what_readers_say_of_a_question_adds_up_and_every_question_is_shown_in_a_round() -> None:
    cutter = Cutter(load(name=NAME).vocabulary)
    calls = [call for call in labelled_calls() if call.name in {"w1-01", "w1-02"}]
    seen = [examples(cutter, call) for call in calls]
    own = columns(TASKS)
    for written, stripped in seen:
        assert written
        assert stripped
        for one in (*written, *stripped):
            shares = [one.labels[own[task]].sum() for task in TASKS]
            assert len(set(shares)) == 1
            assert 0 < shares[0] <= 1
    count, shown = lessons(seen, 2, np.random.default_rng(0))
    steps = list(shown)
    assert len(steps) == count
    assert sum(len(step.labels) for step in steps) == sum(len(style) for styles in seen for style in styles)
    for step in steps:
        assert step.parts is not None
        assert sorted(set(step.parts.tolist())) == list(range(len(step.labels)))


def test_readers_who_say_otherwise_share_a_question() -> None:
    cutter = Cutter(load(name=NAME).vocabulary)
    call = next(call for call in labelled_calls() if call.name == "w1-01")
    written, _ = examples(cutter, call)
    forms = columns(TASKS)["form"]
    assert any(one.labels[forms].tolist() == [0.5, 0.5] for one in written)
