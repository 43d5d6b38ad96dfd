"""Windows that the network learns from: all of a call in each round, an exchange whole."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from annotators.call_pieces import CALL, EXCHANGE, HEAD, MASK, SCENE, SPECIAL, WINDOW, Pieces, window_ids
from training.call_windows import Example, batches
from training.call_windows import given as given_to

COLUMNS = 3


def pieces(words: int, each: int) -> Pieces:
    """A call of so many words, of so many pieces each, that no network has ever learned."""
    ids = np.arange(words * each, dtype=np.int64) + SPECIAL
    starts = np.where(np.arange(words * each) % each == 0, np.arange(words * each) // each, -1)
    return Pieces(ids, starts)


def example(size: int, each: int = 1, **more: object) -> Example:
    labels = np.arange(size * COLUMNS, dtype=np.float32).reshape(size, COLUMNS)
    return Example([pieces(size, each)], labels, **more)  # type: ignore[arg-type]


def chance() -> np.random.Generator:
    return np.random.default_rng(1)


@settings(deadline=None)
@given(st.lists(st.integers(30, 900), min_size=1, max_size=6), st.integers(1, 3), st.integers(0, 9))
def test_a_round_shows_nearly_all_of_every_call_once(sizes: list[int], each: int, number: int) -> None:
    examples = [example(words, each) for words in sizes]
    seen: dict[int, list[int]] = {}
    for batch in batches(examples, number, np.random.default_rng(number)):
        for window in batch:
            assert window.size + HEAD <= WINDOW
            place = next(n for n, one in enumerate(examples) if one is window.example)
            seen.setdefault(place, []).extend(range(window.start, window.stop))
    for place, words in enumerate(sizes):
        shown = seen.get(place, [])
        assert len(shown) == len(set(shown))
        assert words * each - len(shown) <= 2 * 20


@settings(deadline=None)
@given(st.integers(1, 200), st.integers(0, 700), st.integers(0, 700), st.integers(0, 99))
def test_an_exchange_is_seen_whole_with_talk_around_it(own: int, before: int, after: int, seed: int) -> None:
    words = range(before, before + own)
    one = example(before + own + after, source=EXCHANGE, words=words)
    ((window,),) = batches([one], 0, np.random.default_rng(seed))
    assert window.start <= words.start
    assert words.stop <= window.stop
    assert window.size + HEAD <= WINDOW


def test_a_call_is_read_in_its_styles_by_turns() -> None:
    one = Example([pieces(100, 1), pieces(100, 2)], np.zeros((100, COLUMNS), dtype=np.float32))
    shown = [next(batches([one], number, chance()))[0].pieces for number in range(4)]
    assert [style is one.styles[1] for style in shown] == [False, True, False, True]


def test_labels_go_with_the_words_that_are_read() -> None:
    one = example(600, 2)
    for batch in batches([one], 0, chance()):
        shown = given_to(batch, chance())
        assert shown.ids.shape[1] == max(window.size for window in batch) + HEAD
        read = shown.ids.reshape(-1)[shown.places]
        words = (read - SPECIAL) // 2
        kept = read != MASK
        assert kept.mean() > 0.8
        assert (shown.labels[kept] == one.labels[words[kept]]).all()


def test_a_window_says_where_it_is_from_and_in_a_call_where_it_is() -> None:
    call = pieces(600, 1)
    first, last = window_ids(call, 0, 50), window_ids(call, 550, 600)
    assert first[:HEAD].tolist() != last[:HEAD].tolist()
    scene = [window_ids(call, start, start + 50, SCENE)[:HEAD].tolist() for start in (0, 550)]
    assert scene[0] == scene[1]
    assert len({tuple(window_ids(call, 0, 50, one)[:2].tolist()) for one in (CALL, SCENE, EXCHANGE)}) == 3
