"""FactPattern: one way in which people say something of themselves."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from conversation_genome.annotation import FactKind


@dataclass(frozen=True, slots=True)
class FactPattern:
    """What to look for and what it says."""

    kind: FactKind
    pattern: re.Pattern[str]
    """Its groups are what the template is filled with."""
    template: str
    """Such as `lives in {0}`."""
    confidence: float
    """In [0, 1]: how seldom the words mean something else."""
    triggers: frozenset[str] = frozenset()
    """Words of which a sentence must hold one before the pattern is tried; none: it is always tried."""
    accepts: Callable[[str], bool] = bool
    """Whether the first group may be said so."""
