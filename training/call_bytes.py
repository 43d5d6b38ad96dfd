"""Writes the network of annotators/call_reader.py as CTranslate2 runs it, a byte a weight."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotators.call_reader import EPSILON

ATTENTIONS = 12  # heads of a layer


def in_bytes(arrays: Mapping[str, NDArray[np.float32]], layers: int) -> bytes:
    """The file of an encoder, from its weights by the names of training/call_network.py."""
    from ctranslate2.specs import common_spec, transformer_spec  # noqa: PLC0415 - slow to load

    spec = transformer_spec.TransformerEncoderModelSpec(
        transformer_spec.TransformerEncoderSpec(
            layers,
            ATTENTIONS,
            pre_norm=False,
            activation=common_spec.Activation.GELU,
            layernorm_embedding=True,
        )
    )
    encoder = spec.encoder
    encoder.scale_embeddings = False
    # CTranslate2 turns arrays into bytes where they lie: they must be its own.
    encoder.embeddings[0].weight = arrays["words"].copy()
    encoder.position_encodings.encodings = arrays["places"].copy()

    def norm(to: Any, name: str) -> None:
        to.gamma, to.beta = arrays[f"{name}.weight"].copy(), arrays[f"{name}.bias"].copy()

    def linear(to: Any, name: str) -> None:
        to.weight, to.bias = arrays[f"{name}.weight"].copy(), arrays[f"{name}.bias"].copy()

    norm(encoder.layernorm_embedding, "first")
    for number, layer in enumerate(encoder.layer):
        linear(layer.self_attention.linear[0], f"{number}.attend")
        linear(layer.self_attention.linear[1], f"{number}.attended")
        norm(layer.self_attention.layer_norm, f"{number}.norm")
        linear(layer.ffn.linear_0, f"{number}.wide")
        linear(layer.ffn.linear_1, f"{number}.narrow")
        norm(layer.ffn.layer_norm, f"{number}.last")
    spec.register_vocabulary([str(row) for row in range(len(arrays["words"]))])
    spec.config.unk_token = "0"  # noqa: S105 - no password
    spec.config.layer_norm_epsilon = EPSILON
    spec.validate()
    spec.optimize(quantization="int8")
    with tempfile.TemporaryDirectory() as folder:
        spec.save(folder)
        return (Path(folder) / "model.bin").read_bytes()
