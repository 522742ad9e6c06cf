"""Weights of the linear models: small JSON files beside this module, made by `benchmarks.windows.train`."""

import json
from collections.abc import Sequence
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray


def load_weights(name: str, model: str, features: Sequence[str]) -> tuple[NDArray[np.float64], float]:
    """Return a model's weights in the order of its features, and its bias.

    Raises:
        KeyError: If the file was trained for other features: train it again.
    """
    held = json.loads(files(__package__).joinpath(f"{name}.json").read_text(encoding="utf-8"))[model]
    return np.array([held["weights"][feature] for feature in features]), held["bias"]
