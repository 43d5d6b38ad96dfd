"""LSTM layers in ONNX Runtime do what the textbook says."""

import numpy as np
import pytest
from numpy.typing import NDArray

from models.voice_network import LstmLayer, lstm_session

Floats = NDArray[np.float32]


def layer(features: int, units: int, seed: int) -> LstmLayer:
    generator = np.random.default_rng(seed)
    shapes = ((4 * units, features), (4 * units, units), (8 * units,))
    return LstmLayer(*(generator.normal(0, 0.1, shape).astype(np.float32) for shape in shapes))


def states(frames: Floats, weights: LstmLayer) -> Floats:
    """Hidden states (frame, unit) of one clip (frame, feature), by the definition."""
    units = weights.recurrent.shape[1]
    bias = weights.bias[: 4 * units] + weights.bias[4 * units :]
    hidden, cell, all_ = np.zeros(units), np.zeros(units), []
    for frame in frames:
        gates = weights.inputs @ frame + weights.recurrent @ hidden + bias
        let_in, let_out, keep = 1 / (1 + np.exp(-gates[: 3 * units].reshape(3, units)))
        cell = keep * cell + let_in * np.tanh(gates[3 * units :])
        hidden = let_out * np.tanh(cell)
        all_.append(hidden)
    return np.array(all_, np.float32)


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_the_last_state_of_each_clip_is_that_of_its_own_length(depth: int) -> None:
    layers = [layer(5 if number == 0 else 200, 200, number) for number in range(depth)]
    frames = np.random.default_rng(9).normal(size=(7, 2, 5)).astype(np.float32)
    lengths = np.array([4, 7], np.int32)
    [found] = lstm_session(layers).run(["last"], {"frames": frames, "lengths": lengths})
    assert found.shape == (1, 2, 200)
    for clip, length in enumerate(lengths):
        expected = frames[:length, clip]
        for weights in layers:
            expected = states(expected, weights)
        np.testing.assert_allclose(found[0, clip], expected[-1], atol=1e-5)
