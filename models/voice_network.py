"""Long short-term memory layers as an ONNX Runtime session, built in memory from plain arrays.

ONNX Runtime comes with faster-whisper; the `onnx` package, which would write the graph, does not. A stack of
LSTM layers needs so few of ONNX's messages that they are encoded here: see onnx.proto of the ONNX standard
for the field numbers, https://protobuf.dev/programming-guides/encoding for the rest. It runs the voice
encoder in about a third of the time that numpy takes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import onnxruntime
from numpy.typing import NDArray

Floats = NDArray[np.float32]

IR_VERSION = 7  # ONNX 1.7 and later read it
OPSET = 12
FLOAT, INT32 = 1, 6  # TensorProto.DataType
INT, INTS = 2, 7  # AttributeProto.AttributeType


@dataclass(frozen=True, slots=True)
class LstmLayer:
    """Weights of one layer, gates in the order of ONNX: input, output, forget, cell.

    `inputs` is (4 units, feature), `recurrent` (4 units, unit), `bias` (8 units,), the biases of the inputs
    before those of the recurrence.
    """

    inputs: Floats
    recurrent: Floats
    bias: Floats


def lstm_session(layers: Sequence[LstmLayer]) -> onnxruntime.InferenceSession:
    """Layers on top of each other: "frames" (frame, clip, feature) and "lengths" (clip,) to "last".

    "last" (1, clip, unit) holds the last layer's state at the last frame of each clip. A run takes a thread.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    return onnxruntime.InferenceSession(_model(layers), options, providers=["CPUExecutionProvider"])


def _model(layers: Sequence[LstmLayer]) -> bytes:
    nodes, tensors, source = [], [], "frames"
    for number, layer in enumerate(layers):
        names = [f"{part}{number}" for part in ("inputs", "recurrent", "bias")]
        for name, array in zip(names, (layer.inputs, layer.recurrent, layer.bias), strict=True):
            tensors.append(_tensor(name, array[None]))
        last = "last" if number == len(layers) - 1 else f"last{number}"
        size = _attribute("hidden_size", _integer(3, layer.recurrent.shape[1]), INT)
        nodes.append(_node("LSTM", [source, *names, "lengths"], [f"all{number}", last], size))
        source = f"states{number}"
        nodes.append(_node("Squeeze", [f"all{number}"], [source], _attribute("axes", _integer(8, 1), INTS)))
    frames = _value("frames", FLOAT, ("frame", "clip", layers[0].inputs.shape[1]))
    lengths = _value("lengths", INT32, ("clip",))
    states = _value("last", FLOAT, (1, "clip", layers[-1].recurrent.shape[1]))
    graph = b"".join(
        [
            *(_field(1, node) for node in nodes[:-1]),
            _text(2, "lstm"),
            *(_field(5, tensor) for tensor in tensors),
            _field(11, frames),
            _field(11, lengths),
            _field(12, states),
        ]
    )
    return _integer(1, IR_VERSION) + _field(7, graph) + _field(8, _text(1, "") + _integer(2, OPSET))


def _node(operator: str, inputs: Sequence[str], outputs: Sequence[str], attribute: bytes) -> bytes:
    names = [_text(1, name) for name in inputs] + [_text(2, name) for name in outputs]
    return b"".join(names) + _text(4, operator) + _field(5, attribute)


def _attribute(name: str, value: bytes, kind: int) -> bytes:
    return _text(1, name) + value + _integer(20, kind)


def _tensor(name: str, array: Floats) -> bytes:
    dims = b"".join(_integer(1, size) for size in array.shape)
    return dims + _integer(2, FLOAT) + _text(8, name) + _field(9, array.astype("<f4").tobytes())


def _value(name: str, kind: int, shape: Sequence[int | str]) -> bytes:
    dims = (_integer(1, size) if isinstance(size, int) else _text(2, size) for size in shape)
    tensor = _integer(1, kind) + _field(2, b"".join(_field(1, dim) for dim in dims))
    return _text(1, name) + _field(2, _field(1, tensor))


def _varint(value: int) -> bytes:
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def _integer(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _field(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _text(field: int, text: str) -> bytes:
    return _field(field, text.encode())
