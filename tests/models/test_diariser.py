"""Words given to speakers: made-up voices everywhere, real ones where the shared recordings are."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.audio import decode
from models.call import Word
from models.diariser import ByChannel, ByVoice, Diarisation, diariser_for
from models.voices import load_voice_encoder
from tests.fakes import SAMPLE_RATE, PitchEncoder, SoundInMemory, hum
from tests.models.spoken import spoken

SHARED = Path(__file__).parents[3] / "shared" / "audio"
Segment = tuple[float, float, str]


def by_pitch(sound: NDArray[np.float32], words: list[Word]) -> Diarisation:
    return ByVoice(PitchEncoder()).diarise(SoundInMemory(sound[None]), [words], lambda _: None)


def called(diarisation: Diarisation) -> list[tuple[str, str]]:
    return [(turn.speaker, turn.text) for turn in diarisation.turns]


def sentences(count: int, seconds: float = 2.0) -> list[Word]:
    """One sentence in each `seconds`, each followed by a short pause."""
    pace = (seconds - 0.4) / 4
    return [word for n in range(count) for word in spoken(f"this is sentence {n}.", n * seconds, pace)]


def test_two_voices_are_told_apart_and_named_by_first_appearance() -> None:
    diarisation = by_pitch(hum([900, 900, 300, 900, 300, 300], 2.0), sentences(6))
    assert [turn.speaker for turn in diarisation.turns] == [
        "speaker 1",
        "speaker 2",
        "speaker 1",
        "speaker 2",
    ]
    assert diarisation.turns[0].text == "this is sentence 0. this is sentence 1."
    assert diarisation.confidence == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("voices", [1, 2, 3, 4])
def test_the_number_of_voices_is_found(voices: int) -> None:
    order = [number % voices for number in range(24)]
    diarisation = by_pitch(hum([250.0 + 300 * voice for voice in order], 2.0), sentences(24))
    assert len({turn.speaker for turn in diarisation.turns}) == voices


def test_a_change_inside_a_run_without_pause_or_full_stop_is_found_at_the_word() -> None:
    sound = hum([300, 900, 300, 900], 4.0)
    words = spoken("we meet on monday or so then that is fine for us both and all", 0.0)
    words += spoken("so we do it that way from now on", 8.0) + spoken(
        "which is what we had agreed on before", 12.0
    )
    first, second = by_pitch(sound, words).turns[:2]
    assert first.text == "we meet on monday or so then that is fine"
    assert second.text == "for us both and all"


def test_one_odd_word_inside_a_sentence_stays_with_its_speaker() -> None:
    sound = hum([300, 900] * 4, 2.0)
    sound[round(0.9 * SAMPLE_RATE) : round(1.0 * SAMPLE_RATE)] = hum([900], 0.1)
    assert by_pitch(sound, sentences(8)).turns[0].text == "this is sentence 0."


def test_no_words_make_no_turns() -> None:
    assert by_pitch(hum([300], 2.0), []) == Diarisation((), (), None)
    silent = SoundInMemory(np.zeros((2, 100), np.float32))
    assert ByChannel().diarise(silent, [[], []], lambda _: None) == Diarisation((), (), None)


@st.composite
def words_and_sound(draw: st.DrawFn) -> tuple[list[Word], NDArray[np.float32]]:
    words, clock = [], 0.0
    texts = st.sampled_from(["yes.", "no,", "well", "why?"])
    for pause, length, text in draw(
        st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1), texts), max_size=15)
    ):
        words.append(Word(clock + pause, clock + pause + length, text, 0.9))
        clock += pause + length
    pitches = draw(st.lists(st.sampled_from([0.0, 250.0, 550.0, 1250.0]), min_size=1, max_size=8))
    return words, hum(pitches, 2.0)  # shorter than the words at times: recognisers run past the end


@given(words_and_sound())
@settings(max_examples=40, deadline=None)
def test_whatever_is_said_each_word_appears_once_and_turns_alternate(
    case: tuple[list[Word], NDArray[np.float32]],
) -> None:
    words, sound = case
    diarisation = by_pitch(sound, words)
    assert [word for turn in diarisation.turns for word in turn.words] == words
    assert all(one.speaker != other.speaker for one, other in pairwise(diarisation.turns))
    names = list(dict.fromkeys(turn.speaker for turn in diarisation.turns))
    assert names == [f"speaker {number + 1}" for number in range(len(names))]
    assert [len(values) for values in diarisation.certainties] == [
        len(turn.words) for turn in diarisation.turns
    ]
    assert all(0 <= value <= 1 for values in diarisation.certainties for value in values)


def test_progress_rises_to_one() -> None:
    shares: list[float] = []
    sound = SoundInMemory(hum([300, 900] * 3, 2.0)[None])
    ByVoice(PitchEncoder()).diarise(sound, [sentences(6)], shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_the_wrong_number_of_channels_is_refused() -> None:
    sound = SoundInMemory(np.zeros((1, 100), np.float32))
    with pytest.raises(ValueError, match="words of 2 channels"):
        ByChannel().diarise(sound, [[]], lambda _: None)
    with pytest.raises(ValueError, match="words of 1 channel"):
        ByVoice(PitchEncoder()).diarise(sound, [[], []], lambda _: None)


def test_channels_decide_how_speakers_are_told_apart() -> None:
    assert isinstance(diariser_for(SoundInMemory(np.zeros((2, 100), np.float32))), ByChannel)
    assert isinstance(diariser_for(SoundInMemory(np.zeros((1, 100), np.float32))), ByVoice)


def shared(name: str) -> Path:
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"{name} of the shared recordings is not here")
    return path


def segments(name: str) -> list[Segment]:
    """Start, end and speaker of each utterance of a recording, from its RTTM."""
    lines = [line.split() for line in shared(f"{name}.rttm").read_text().splitlines()]
    return [(float(line[3]), float(line[3]) + float(line[4]), line[7]) for line in lines]


def words_of(utterances: list[Segment]) -> tuple[list[Word], list[str]]:
    """Words at an even pace in each utterance that isn't talked over, and who says them."""
    words, speakers = [], []
    for index, (start, end, speaker) in enumerate(utterances):
        if index and start < utterances[index - 1][1]:
            continue
        count = max(1, round((end - start) / 0.35))
        said = spoken(" ".join(["word"] * (count - 1) + ["end."]), start, (end - start) / count)
        words += said
        speakers += [speaker] * count
    return words, speakers


@pytest.mark.parametrize("name", ["telephone_sim01", "telephone_sim03", "telephone_sim06"])
def test_real_voices_on_one_channel_are_told_apart(name: str) -> None:
    words, speakers = words_of(segments(name))
    with decode(shared(f"{name}.flac")) as audio:
        mixed = SoundInMemory((np.float32(0.5) * (audio.read(0) + audio.read(1)))[None])
    diarisation = ByVoice(load_voice_encoder()).diarise(mixed, [words], lambda _: None)
    said_by = {speaker: f"speaker {number + 1}" for number, speaker in enumerate(dict.fromkeys(speakers))}
    found = [turn.speaker for turn in diarisation.turns for _ in turn.words]
    right = [said_by[speaker] == name for speaker, name in zip(speakers, found, strict=True)]
    assert set(found) == {"speaker 1", "speaker 2"}
    assert np.mean(right) >= 0.97


def test_a_real_voice_alone_is_one_speaker_and_gives_the_same_result_each_time() -> None:
    words, _ = words_of([each for each in segments("telephone_sim02") if each[2] == "A"])
    with decode(shared("telephone_sim02.flac")) as audio:
        alone = SoundInMemory(audio.read(0)[None])
    diariser = ByVoice(load_voice_encoder())
    first = diariser.diarise(alone, [words], lambda _: None)
    assert len(first.turns) == 1
    assert diariser.diarise(alone, [words], lambda _: None) == first
