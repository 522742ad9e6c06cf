"""Conversation Genome: raw conversations become an indexed, searchable, published data set.

This package is the shared library. It knows no role: `miner`, `validators` and
`conversation_server` build on it and never on each other.
"""

import os
from typing import Final

__version__: Final = "0.1.0"

# onnxruntime tells its maker of each process and model unless this is set before it is imported, by whomever.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
