"""What the networks may use of the processor."""

import os

import numpy as np

_SWITCH = "CT2_FORCE_CPU_ISA"
_AVX512 = "X86_V4"  # as numpy calls a processor with all of it that CTranslate2 needs


def use_wide_vectors() -> None:
    """Have CTranslate2 use AVX-512 where the processor has it; of itself it does so on Intel's alone.

    It changes nothing once a network has been loaded, or where CT2_FORCE_CPU_ISA is set.
    """
    if _AVX512 in np.show_config(mode="dicts")["SIMD Extensions"]["found"]:
        os.environ.setdefault(_SWITCH, "AVX512")
