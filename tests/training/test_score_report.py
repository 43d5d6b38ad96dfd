"""The report on drafts: right figures, honest words, and a page that needs nothing from elsewhere."""

import re
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from models.agreement import quadratic_kappa
from models.framework import load_framework
from models.heads import load_heads
from training.datasets import DATA, UnreadableData, scored_calls
from training.evaluate_scorer import further
from training.score_abstentions import Abstention, Withheld
from training.score_cells import between, calibration_error, cell, confusion, reliability
from training.score_data import Scored
from training.score_groups import groupings, groups_of, length, sector
from training.score_report import Evaluation, evaluation, page
from training.scorer import Guess

FRAMEWORK = load_framework()
HEADS = load_heads(FRAMEWORK)
NEXT_STEP = FRAMEWORK.dimension("next_step")
QUIET = lambda _stage, _share: None  # noqa: E731 - what a progress bar is told here


def scored(count: int = 30, group: str = "w2", reviewers: tuple[str, ...] = ("r1", "r2")) -> list[Scored]:
    """Held-out calls whose next step is worth what is there, each scored by everybody."""
    random = np.random.default_rng(0)
    found = []
    for number in range(count):
        features: dict[str, float | None] = {
            use.name: float(random.integers(0, 2)) for use in NEXT_STEP.features
        }
        features["call_words"] = 500.0 + 30 * number
        worth = 1 + sum(features[n] or 0 for n in ("next_steps", "next_step_timed", "next_step_agreed"))
        for reviewer in reviewers:
            value = int(np.clip(worth + random.integers(0, 2), 1, 5))
            found.append(Scored(f"c{number}", group, "next_step", value, reviewer, 1.0, features))
    return found


def guesses(truth: list[int], drafts: list[int], chances: tuple[float, ...]) -> list[Guess]:
    return [
        Guess(Scored(f"c{number}", "w2", "next_step", value, "r1", 1.0, {}), chances, draft)
        for number, (value, draft) in enumerate(zip(truth, drafts, strict=True))
    ]


def measured(given: list[Scored], groups: Mapping[str, Mapping[str, str]] | None = None) -> Evaluation:
    found = evaluation(FRAMEWORK, HEADS, given, groups or groups_of((), given, groupings()))
    assert found is not None
    return found


@cache
def usual() -> Evaluation:
    return measured(scored())


def test_figures_are_those_of_the_scores() -> None:
    truth, drafts = [1, 2, 3, 4, 5] * 4, [1, 2, 3, 4, 4] * 4
    one = cell(guesses(truth, drafts, (0.1, 0.2, 0.4, 0.2, 0.1)), {"next_step": 0.8})
    assert one.cases == one.calls == 20
    assert one.kappa is not None
    assert one.kappa.value == pytest.approx(quadratic_kappa(truth, drafts))
    assert one.kappa.low <= one.kappa.value <= one.kappa.high
    assert one.exact is not None
    assert one.exact.value == pytest.approx(0.8)
    assert one.within_one is not None
    assert one.within_one.value == 1
    assert one.bias is not None
    assert one.bias.value == pytest.approx(-0.2)
    # From the middle draft 2 to 4 hold .8; from 1 and 4 an interval must reach further.
    assert 3 <= one.width <= 4.2
    assert one.readers is None
    assert confusion(guesses(truth, drafts, (0.2,) * 5))[4] == [0, 0, 0, 4, 0]


def test_few_calls_have_no_figure() -> None:
    one = cell(guesses([3] * 9, [3] * 9, (0.2,) * 5), {"next_step": 0.8})
    assert one.cases == 9
    assert one.kappa is one.bias is one.coverage is None


def test_readers_are_compared_on_the_same_calls() -> None:
    both = [
        Guess(Scored(f"c{n}", "w2", "next_step", value, reader, 1.0, {}), (0.2,) * 5, 3)
        for n in range(20)
        for reader, value in (("r1", 1 + n % 5), ("r2", 1 + n % 5))
    ]
    found = between(both)
    assert found is not None
    assert (found.pairs, found.kappa.value, found.exact) == (20, 1.0, 1.0)
    assert between(both[::2]) is None


def test_honest_probabilities_are_found_honest_and_others_not() -> None:
    random = np.random.default_rng(1)
    chances = (0.05, 0.15, 0.35, 0.25, 0.2)
    truth = [int(value) for value in random.choice(5, size=1500, p=chances) + 1]
    honest = guesses(truth, [3] * 1500, chances)
    assert calibration_error(honest) < 0.02
    assert all(one.seen.low - 0.02 <= one.stated <= one.seen.high + 0.02 for one in reliability(honest))
    boastful = guesses(truth, [3] * 1500, (0.01, 0.02, 0.94, 0.02, 0.01))
    assert calibration_error(boastful) > 0.2


def test_a_page_needs_nothing_from_elsewhere() -> None:
    text = page(usual())
    loads = re.findall(r'(?:src|href)="([^"]*)"', text)
    assert all(target.startswith("#") for target in loads), loads
    assert not re.search(r"@import|url\((?!#)|<script|<link", text)
    assert "prefers-color-scheme: dark" in text


def test_every_plot_has_its_table_and_a_name() -> None:
    text = page(usual())
    assert text.count("<svg") == text.count('role="img" aria-label="') == 2
    assert len(re.findall("<caption>", text)) >= 5
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    assert "var(--first)" in text
    # No colour of a light page is left in a plot: in the dark it would not be seen.
    drawn = "".join(re.findall(r"<svg.*?</svg>", text, flags=re.DOTALL))
    assert "#000000" not in drawn
    assert "#ffffff" not in drawn


def test_the_same_figures_make_the_same_page() -> None:
    assert page(usual()) == page(measured(scored()))


def test_without_matplotlib_there_are_tables_and_a_word_on_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    text = page(usual())
    assert "<svg" not in text
    assert "ridealong[reports]" in text
    assert "Drafts against scores, by dimension" in text


def test_the_head_says_whose_scores_they_are() -> None:
    ours = page(usual())
    assert "language model" in ours
    assert "agreement with people" in ours
    reviews = [replace(s, group=f"call {s.call}") for s in scored(150)]
    theirs = page(measured(reviews))
    assert "language model" not in theirs
    assert "own reviewers" in theirs


def test_groups_with_too_few_calls_say_so() -> None:
    given = scored(30)
    text = page(measured(given))
    assert "under 600 words" in text
    assert "too few" in text


def test_what_has_no_draft_is_told_by_reason() -> None:
    rows = [
        Abstention("value", 48, (Withheld("Nothing was <offered>", 5, 10, 3),), 86, 2),
        Abstention("next_step", 48, (), 96, 4),
    ]
    text = page(usual(), abstentions=rows)
    assert "Calls without a draft, by dimension and reason" in text
    assert "Nothing was &lt;offered&gt;" in text
    assert "3 of 10 readings" in text
    assert "2 of 86 readings" in text
    assert "4 of 96 readings" in text
    assert "Calls without a draft" not in page(usual())


def test_names_of_reviewers_are_text() -> None:
    text = page(measured(scored(reviewers=("<img src=x onerror=alert(1)>",))))
    assert "<img" not in text
    assert "&lt;img" in text


def test_our_calls_have_their_groups() -> None:
    calls, by = scored_calls(), groupings()
    industries = {call.industry for call in calls}
    listed = [name for members in by.sectors.values() for name in members]
    assert set(listed) <= industries
    assert len(listed) == len(set(listed))
    assert set(by.second_language) <= {call.writer for call in calls}
    one = calls[0]
    item = Scored(one.name, one.writer, "value", 3, "r1", 1.0, {"call_words": 800.0})
    assert groups_of(calls, [item], by)[one.name] == {
        "length": "600 to 899 words",
        "sector": sector(one.industry, by),
        "type of call": one.kind,
        "English": "first language",
        "punctuation": one.style,
        "calls": "first",
    }
    other = {call.industry for call in calls if sector(call.industry, by) == by.other_sector}
    assert not [name for name in other if "software" in name or name.startswith("donor")]
    assert Counter(call.sort for call in calls) == {"first": 240, "plain": 544, "long": 52, "varied": 384}
    assert (length(599), length(600), length(5000)) == (
        "under 600 words", "600 to 899 words", "2,500 words and more",
    )  # fmt: skip


def test_a_fault_in_the_groups_is_named(tmp_path: Path) -> None:
    path = tmp_path / "groups.toml"
    path.write_text((DATA / "groups.toml").read_text(encoding="utf-8") + "\n[more]\n", encoding="utf-8")
    with pytest.raises(UnreadableData, match=r"groups\.toml: more"):
        groupings(path)


def test_a_report_is_written_or_its_place_refused_beforehand(tmp_path: Path) -> None:
    target = tmp_path / "report.html"
    assert list(further(FRAMEWORK, scored(), QUIET, report=target)) == [f"written: {target}"]
    assert target.read_text(encoding="utf-8").startswith("<!doctype html>")
    with pytest.raises(UnreadableData, match="can't be written"):
        list(further(FRAMEWORK, scored(), QUIET, report=tmp_path / "nowhere" / "report.html"))
    with pytest.raises(UnreadableData, match="held out"):
        list(further(FRAMEWORK, scored(group="w1"), QUIET, report=target))
