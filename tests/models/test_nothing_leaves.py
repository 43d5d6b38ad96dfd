"""Nothing leaves the machine by itself, not even that a model was started."""

import os
import subprocess
import sys

# What loads ONNX Runtime: recognition's voice detection, diarisation, the worker.
LOADERS = ("models.recogniser", "models.diariser", "service.worker", "annotators")


def test_onnx_runtime_is_told_to_be_silent_before_it_is_loaded() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    code = """
import builtins, os, sys
plain, seen = builtins.__import__, []
def watched(name, *rest, **more):
    if name.partition(".")[0] == "onnxruntime":
        seen.append(os.environ.get("ORT_DISABLE_TELEMETRY"))
    return plain(name, *rest, **more)
builtins.__import__ = watched
for module in sys.argv[1:]:
    plain(module)
import onnxruntime
assert seen and set(seen) == {"1"}, seen
"""
    subprocess.run([sys.executable, "-c", code, *LOADERS], check=True, env=environment)
