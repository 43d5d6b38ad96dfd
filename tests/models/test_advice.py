"""What would raise a draft by one: said of this very call, never what was done, and it does raise it."""

from collections.abc import Mapping

import pytest

from models.advice import advise, plan, raised
from models.call import Evidence, Transcript
from models.features import features
from models.framework import Dimension, load_framework, shipped
from models.heads import Head, contributions, draft, latent, load_heads, load_prior, probabilities
from models.landmarks import landmarks
from models.remedies import REMEDIES
from models.scorer import score
from tests.conftest import ROOT
from tests.factories import evidence, transcript
from tests.models.test_scorer import (
    CALL,
    DEFAULT,
    HEADS,
    LADDERS,
    feature,
    marked,
    moves,
    objection,
    outcome,
    question,
    scored,
    step,
)

TALK = transcript(
    ("buyer", "eleven thousand is more than we have"),
    ("rep", "i see and what did you set aside"),
    ("buyer", "also my partner will not like it"),
    ("rep", "i'll send the offer and we meet again and maybe you ask your partner"),
    ("buyer", "fine"),
    ("rep", "thanks bye"),
)
OFFER = evidence("next_step", 3, 0, 4, action="send", owner="rep", vague=True, agreed=False)
MEETING = evidence("next_step", 3, 5, 8, action="meet", vague=False, agreed=True)


def advised(dimension: str, *found: Evidence, call: Transcript = TALK) -> str:
    everything = (*found, *landmarks(call))
    part, head = DEFAULT.dimension(dimension), HEADS.of(dimension)
    return advise(part, head, call, everything, features(call, everything)) or ""


@pytest.mark.parametrize("dimension", LADDERS)
def test_there_is_advice_up_to_a_five(dimension: str) -> None:
    advice = [scored(*found)[dimension].advice for found in LADDERS[dimension]]
    assert all(advice[:4])
    assert advice[4] is None


def test_advice_names_the_step_that_lacks_its_owner_and_day() -> None:
    advice = advised("next_step", OFFER, MEETING)
    assert "“we meet again”" in advice
    assert "“i'll send the offer”" not in advice
    raise_it = scored(step(agreed=True, owner="buyer", when="on Monday"))["next_step"].value
    assert (scored(step(agreed=True))["next_step"].value, raise_it) == (3, 4)
    assert "Name the day" in str(scored(step(agreed=True))["next_step"].advice)


def test_what_a_step_has_is_not_asked_for() -> None:
    owned = evidence("next_step", 3, 0, 4, owner="rep", when="on Friday", vague=False, agreed=False)
    advice = advised("next_step", owned)
    assert advice == "Ask the buyer whether “i'll send the offer” works for them, and wait for the yes."


def test_a_recap_is_not_asked_for_while_it_is_there_but_the_step_is_not_complete() -> None:
    advice = advised("next_step", step(3, owner="both", agreed=True), evidence("recap", 5))
    assert "Sum up" not in advice
    assert "day" in advice


def test_advice_names_the_concern_that_was_not_settled() -> None:
    price = evidence("objection", 0, 0, 7, kind="price", status="resolved")
    partner = evidence("objection", 2, 0, 7, kind="authority", status="open")
    handled = [
        evidence("response", 1, i, i + 1, move=move)
        for i, move in enumerate(("acknowledge", "clarify", "evidence", "confirm"))
    ]
    more = [
        evidence("response", 3, i, i + 1, move=m)
        for i, m in enumerate(("acknowledge", "clarify", "evidence"))
    ]
    advice = advised("objection", price, partner, *handled, *more)
    assert "Stay with “also my partner will not like it” until the buyer says that it is settled" in advice
    assert "eleven thousand" not in advice


def test_advice_lists_only_the_grounds_that_were_not_touched() -> None:
    asked = [question(turn, form="open", probing=True, topic="budget") for turn in (0, 2, 4, 6, 8)]
    advice = advised("discovery", *asked, call=CALL)
    assert "how the decision gets made, who has a say and by when it must be settled" in advice
    assert "what budget there is" not in advice


def test_an_open_question_is_not_to_be_opened() -> None:
    talk = transcript(("rep", "do you plan by hand"), ("buyer", "yes"), ("rep", "when does the board meet"))
    found = tuple(
        evidence("question", turn, 0, 5, discovery=True, form="closed", asks=asks)
        for turn, asks in ((0, "yes_no"), (2, "wh"))
    )
    part, prior = DEFAULT.dimension("discovery"), load_prior(DEFAULT)
    assert prior is not None
    advice = str(advise(part, prior.of("discovery"), talk, found, features(talk, found)))
    assert "Open up “do you plan by hand”" in advice
    assert "board" not in advice


def test_advice_starts_with_what_is_needed_first() -> None:
    advice = scored(feature(6), outcome(8), outcome(10))["value"].advice
    assert advice is not None
    assert advice.startswith("Tie “we can look at” to a need ")


def test_a_place_is_quoted_once() -> None:
    advice = str(scored(step(agreed=True))["next_step"].advice)
    assert advice.count("“") == 1


def test_braces_in_a_call_are_words_like_any_other() -> None:
    talk = transcript(
        ("buyer", "{quote} and {buyer} are too dear"), ("rep", "{missing} it is not"), ("buyer", "hm")
    )
    part, head = DEFAULT.dimension("objection"), HEADS.of("objection")
    advice = {}
    for move in ("clarify", "argue"):
        found = (evidence("objection", 0, 0, 6), evidence("response", 1, 0, 4, move=move))
        advice[move] = str(advise(part, head, talk, found, features(talk, found)))
    assert "“{quote} and {buyer} are too dear”" in advice["clarify"]
    assert "“{missing} it is not”" in advice["argue"]


def expected(part: Dimension, head: Head, measured: Mapping[str, float | None]) -> int:
    return draft(probabilities(head, latent(head, part, contributions(head, part, measured))), head)


@pytest.fixture(scope="module")
def samples() -> list[tuple[str, Transcript, tuple[Evidence, ...]]]:
    folders = sorted(path.parent for path in (ROOT / "sample_calls").glob("*/expected.json"))
    read = [(folder.name, *marked(folder)[:2]) for folder in folders]
    return [(name, call, (*found, *landmarks(call))) for name, call, found in read]


@pytest.mark.parametrize("name", shipped())
def test_following_the_advice_raises_the_draft(
    name: str, samples: list[tuple[str, Transcript, tuple[Evidence, ...]]]
) -> None:
    framework = load_framework(name)
    heads = load_heads(framework)
    short = []
    for folder, call, found in samples:
        measured = features(call, found)
        for result in score(framework, call, found, measured).scores:
            part, head, before = (
                framework.dimension(result.dimension),
                heads.of(result.dimension),
                result.value,
            )
            if before is None:
                continue
            chosen = [use.name for use in plan(part, head, measured)]
            each = [raised(part, head, measured, [use.name]) for use in part.features if not use.needs]
            alone = any(expected(part, head, one) > before for one in each)
            after = expected(part, head, raised(part, head, measured, chosen))
            if before < 5 and alone:
                assert after > before, (folder, part.id, chosen)
            short += [(folder, part.id)] if before < 5 and after == before else []
    assert len(short) <= 0.1 * len(samples) * len(framework.dimensions), short


@pytest.mark.parametrize("name", shipped())
def test_quotes_are_words_of_the_call_as_they_stand(
    name: str, samples: list[tuple[str, Transcript, tuple[Evidence, ...]]]
) -> None:
    framework = load_framework(name)
    heads = load_heads(framework)
    quotes = 0
    for _, call, found in samples:
        said = " ".join(turn.text for turn in call.turns)
        for part in framework.dimensions:
            advice = advise(part, heads.of(part.id), call, found, features(call, found)) or ""
            assert "{" not in advice
            for quote in (piece.split("”")[0] for piece in advice.split("“")[1:]):
                assert quote.rstrip("…") in said
                quotes += 1
    assert quotes > len(samples)


@pytest.mark.parametrize("feature_name", sorted(REMEDIES))
def test_every_remedy_serves_a_framework(feature_name: str) -> None:
    used = {
        use.name for name in shipped() for part in load_framework(name).dimensions for use in part.features
    }
    assert feature_name in used


def test_a_move_that_was_made_is_not_asked_for() -> None:
    full = [objection("open"), *moves("acknowledge", "clarify", "evidence")]
    advice = str(scored(*full)["objection"].advice)
    assert "Ask what is behind" not in advice
    assert "First show" not in advice
