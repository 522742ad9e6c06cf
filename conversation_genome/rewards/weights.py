"""Weights follow the averages in proportion, and a pass that earned nobody anything sets none."""

import math
from collections.abc import Mapping

from conversation_genome.annotation import Hotkey
from conversation_genome.errors import ScoringInputError


def weights_of(averages: Mapping[Hotkey, float]) -> dict[Hotkey, float] | None:
    """Return weights that sum to 1, sorted by hotkey, or None when there is nothing to weigh.

    Hotkeys whose average is 0 get no entry. None means: leave the weights on chain as they are.

    Raises:
        ScoringInputError: If an average is negative or not finite.
    """
    for hotkey, average in averages.items():
        if not (math.isfinite(average) and average >= 0):
            raise ScoringInputError(f"the average of {hotkey!r} must be finite and at least 0, not {average!r}")
    largest = max(averages.values(), default=0.0)
    if largest <= 0:
        return None
    scaled = {hotkey: averages[hotkey] / largest for hotkey in sorted(averages)}
    total = math.fsum(scaled.values())
    return {hotkey: value / total for hotkey, value in scaled.items() if value > 0}
