"""What the networks use of the processor."""

import os
import subprocess
import sys

import numpy as np
import pytest

WIDE = "X86_V4" in np.show_config(mode="dicts")["SIMD Extensions"]["found"]


@pytest.mark.parametrize("asked", ["", "AVX2"])
def test_vectors_are_as_wide_as_the_processor_has_them_unless_somebody_says_otherwise(asked: str) -> None:
    if not WIDE:
        pytest.skip("this processor has no AVX-512")
    environment = {key: value for key, value in os.environ.items() if key != "CT2_FORCE_CPU_ISA"}
    environment |= {"CT2_VERBOSE": "1"} | ({"CT2_FORCE_CPU_ISA": asked} if asked else {})
    said = subprocess.run(
        [sys.executable, "-c", "from annotators.call_reader import encoder, load; encoder(load())"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"Selected ISA: {asked or 'AVX512'}" in said.stderr + said.stdout
