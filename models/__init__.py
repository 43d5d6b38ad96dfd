"""The vocabulary of a call and the learned models that speak it; knows no other package of ours."""

import os

# ONNX Runtime tells its makers of each start unless this is set before it is loaded.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
