"""Two channels become turns in a reader's order, without what one overheard from the other."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.call import Word
from models.channels import copy_of, drop_crosstalk, is_acknowledgement, merge_channels
from tests.fakes import SAMPLE_RATE, SoundInMemory
from tests.models.spoken import spoken

Floats = NDArray[np.float32]


def turns(left: list[Word], right: list[Word]) -> list[tuple[str, str]]:
    return [(turn.speaker, turn.text) for turn in merge_channels([left, right], ("left", "right"))]


def test_question_comes_before_answer() -> None:
    left = spoken("How many reps do you have?", 0.0) + spoken("Okay and how", 4.0)
    assert turns(left, spoken("Twelve.", 3.0)) == [
        ("left", "How many reps do you have?"),
        ("right", "Twelve."),
        ("left", "Okay and how"),
    ]


def test_a_one_word_answer_ends_the_turn_even_if_it_sounds_like_an_acknowledgement() -> None:
    left = spoken("Is it you who decides?", 0.0) + spoken("Great. Then", 3.0)
    assert [speaker for speaker, _ in turns(left, spoken("Yes.", 2.3))] == ["left", "right", "left"]


@pytest.mark.parametrize("said", ["Mhm.", "Uh-huh.", "Right, okay.", "I see."])
def test_an_acknowledgement_does_not_scatter_a_long_turn(said: str) -> None:
    left = spoken("We spend three days on it", 0.0) + spoken("every single month", 3.2)
    assert turns(left, spoken(said, 2.5)) == [
        ("left", "We spend three days on it every single month"),
        ("right", said),
    ]


def test_an_objection_in_a_pause_ends_the_turn() -> None:
    left = spoken("It costs ninety a month.", 0.0) + spoken("I understand", 4.0)
    assert len(turns(left, spoken("That is too much.", 2.2))) == 3


def test_an_overlapping_answer_keeps_both_turns_whole() -> None:
    left = spoken("so that is why we should meet on Tuesday", 0.0)
    assert turns(left, spoken("Tuesday is fine with me", 3.0)) == [
        ("left", "so that is why we should meet on Tuesday"),
        ("right", "Tuesday is fine with me"),
    ]


def test_one_side_silent_is_one_turn() -> None:
    left = spoken("Hello.", 0.0) + spoken("Please call me back.", 9.0)
    assert turns(left, []) == [("left", "Hello. Please call me back.")]
    assert turns([], []) == []


@st.composite
def streams(draw: st.DrawFn) -> list[Word]:
    """One channel's words in time order, none before the one before it ends."""
    words, clock = [], 0.0
    texts = st.sampled_from(["mhm", "right.", "why?", "because", "okay,"])
    for pause, length, text in draw(
        st.lists(st.tuples(st.floats(0, 4), st.floats(0.05, 1.5), texts), max_size=30)
    ):
        words.append(Word(clock + pause, clock + pause + length, text, 0.9))
        clock += pause + length
    return words


@given(streams(), streams())
def test_every_word_appears_once_with_its_speaker_in_order(left: list[Word], right: list[Word]) -> None:
    merged = merge_channels([left, right], ("left", "right"))
    for speaker, words in (("left", left), ("right", right)):
        assert [word for turn in merged if turn.speaker == speaker for word in turn.words] == words
    starts = [turn.start or 0.0 for turn in merged]
    assert starts == sorted(starts)
    assert all(turn.words for turn in merged)


@given(streams(), streams())
def test_a_speaker_has_two_turns_in_a_row_only_inside_anothers(left: list[Word], right: list[Word]) -> None:
    merged = merge_channels([left, right], ("left", "right"))
    for index, (one, next_one) in enumerate(pairwise(merged)):
        if one.speaker == next_one.speaker:
            assert any(
                other.speaker != one.speaker and (other.end or 0) > (one.end or 0) for other in merged[:index]
            )


def voices(seconds: float) -> Floats:
    """Two unlike sounds (channel, sample) that come and go, as speech does."""
    generator = np.random.default_rng(4)
    sound = generator.normal(0, 0.1, (2, round(seconds * SAMPLE_RATE)))
    swell = np.abs(np.sin(np.arange(sound.shape[1]) / SAMPLE_RATE * np.array([[9.0], [7.0]])))
    return np.asarray(sound * swell, np.float32)


def dropped(sound: Floats, words: list[list[Word]]) -> list[list[str]]:
    kept = drop_crosstalk(SoundInMemory(sound), words, lambda _: None)
    return [[word.text for word in all_ if word not in left] for all_, left in zip(words, kept, strict=True)]


def test_words_overheard_from_the_other_channel_are_dropped() -> None:
    sound = voices(6.0)
    sound[1, : 3 * SAMPLE_RATE] = 0.1 * sound[0, : 3 * SAMPLE_RATE]
    sound[0, 3 * SAMPLE_RATE :] = 0.0
    left = spoken("thank you for calling", 0.2)
    right = spoken("thank you four falling", 0.2) + spoken("hello there", 3.5)
    assert dropped(sound, [left, right]) == [[], ["thank", "you", "four", "falling"]]


def test_a_late_echo_recognised_as_something_else_is_dropped() -> None:
    sound, late = voices(4.0), round(0.2 * SAMPLE_RATE)
    sound[1] = 0.05 * np.roll(sound[0], late)
    left, right = spoken("what does it cost", 0.2), spoken("but daze gets lost", 0.4)
    assert dropped(sound, [left, right]) == [[], ["but", "daze", "gets", "lost"]]


def test_an_overheard_word_without_length_is_dropped() -> None:
    sound = voices(4.0)
    sound[1] = 0.1 * sound[0]
    right = [Word(1.0, 1.0, "so", 0.5)]
    assert dropped(sound, [spoken("what does it cost", 0.5), right]) == [[], ["so"]]


def test_people_who_say_the_same_at_once_are_both_kept() -> None:
    words = [spoken("bye bye", 0.5), spoken("bye bye", 0.6)]
    assert dropped(voices(3.0), words) == [[], []]


def test_a_quiet_speaker_who_talks_over_the_other_is_kept() -> None:
    sound = voices(3.0)
    sound[1] *= 0.1
    assert dropped(sound, [spoken("so the price", 0.3), spoken("wait a moment", 0.3)]) == [[], []]


def test_a_copy_is_found_at_its_loudness_and_noise_is_not() -> None:
    sound = voices(1.0)
    strength, gain = copy_of(0.25 * sound[0, 4000:8000], sound[0])
    assert strength == pytest.approx(1, abs=1e-3)
    assert gain == pytest.approx(0.25, abs=1e-3)
    assert copy_of(sound[1, 4000:8000], sound[0])[0] < 0.3
    assert copy_of(sound[0], sound[0, :10]) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("said", "listening"), [("Mm-hmm.", True), ("Got it.", True), ("Not really.", False), ("No.", False)]
)
def test_what_counts_as_listening(said: str, *, listening: bool) -> None:
    assert is_acknowledgement(spoken(said, 0.0)) is listening
