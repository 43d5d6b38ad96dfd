"""How many voices are found in made-up vectors."""

import numpy as np
import pytest
from numpy.typing import NDArray

from models.clustering import find_voices, means_of_others, unit

Floats = NDArray[np.float32]


def clouds(counts: list[int], spread: float = 0.04, seed: int = 0) -> Floats:
    """Unit vectors about as many random directions as there are counts."""
    generator = np.random.default_rng(seed)
    centres = unit(np.abs(generator.normal(size=(len(counts), 256))).astype(np.float32) ** 2)
    noise = generator.normal(0, spread, (sum(counts), 256)).astype(np.float32)
    return unit(np.repeat(centres, counts, axis=0) + noise)


@pytest.mark.parametrize(
    "counts", [[40], [300], [30, 30], [60, 4], [20, 25, 30], [20, 20, 20, 20], [500, 400]]
)
def test_the_number_of_voices_is_found(counts: list[int]) -> None:
    vectors = clouds(counts)
    voices = find_voices(vectors, np.full(len(vectors), 1.5, np.float32))
    assert len(voices) == len(counts)
    found = np.argmax(vectors @ voices.T, axis=1)
    assert len({*zip(found.tolist(), np.repeat(range(len(counts)), counts).tolist(), strict=True)}) == len(
        counts
    )


def test_a_stray_clip_is_no_voice() -> None:
    vectors = clouds([40, 1])
    assert len(find_voices(vectors, np.full(41, 1.5, np.float32))) == 1


def test_one_clip_is_one_voice() -> None:
    assert find_voices(clouds([1]), np.ones(1, np.float32)).shape == (1, 256)


def test_clips_of_no_length_say_nothing() -> None:
    vectors = clouds([2])
    assert find_voices(vectors, np.zeros(2, np.float32)).shape == (1, 256)
    two = clouds([20, 20])
    seconds = np.full(40, 1.5, np.float32)
    with_stray = np.concatenate([two, clouds([5], seed=1)])
    found = find_voices(with_stray, np.concatenate([seconds, np.zeros(5, np.float32)]))
    np.testing.assert_array_equal(found, find_voices(two, seconds))


def test_a_clip_is_left_out_of_the_mean_it_is_compared_with() -> None:
    vectors = clouds([2, 1])
    others = means_of_others(vectors, np.array([1, 2, 1], np.float32), np.array([0, 0, 1]), 2)
    np.testing.assert_allclose(others[0], vectors[1], atol=1e-5)
    assert not others[2].any()
