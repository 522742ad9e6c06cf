"""Scale: how the cosines of a model are read, so that one set of thresholds serves every model.

All thresholds of this package were tuned on the cosines of all-MiniLM-L6-v2. Another model's are carried over by
monotone curves through quantiles: of the same pairs of texts, the share that lies below a cosine is the share that
lies below its counterpart (`python -m benchmarks.embedding.calibration` makes the points).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from conversation_genome.scoring.similarity import FloatArray, cosines
from conversation_genome.scoring.wording import is_latin

Curve = tuple[tuple[float, float], ...]
"""Points (a cosine of the model, its counterpart), ascending in both, from (-1, -1) to (1, 1)."""


@dataclass(frozen=True, slots=True)
class Scale:
    """A model as scoring has to know it; one without curves is MiniLM."""

    names: Curve = ()
    """Between two short texts: tags, references."""
    passages: Curve = ()
    """Between a short text and what somebody said."""
    reads_every_script: bool = False

    def of_names(self, rows: FloatArray, columns: FloatArray) -> FloatArray:
        """Return how alike short texts are: shape (n, m), in [-1, 1], from quantised unit vectors."""
        return self.carried_names(cosines(rows, columns))

    def carried_names(self, values: FloatArray) -> FloatArray:
        """Return cosines between short texts as MiniLM would have them: any shape, in [-1, 1]."""
        return _carried(values, self.names)

    def of_passages(self, rows: FloatArray, columns: FloatArray) -> FloatArray:
        """Return how alike short texts and passages are: shape (n, m), in [-1, 1], from quantised unit vectors."""
        return self.carried_passages(cosines(rows, columns))

    def carried_passages(self, values: FloatArray) -> FloatArray:
        """Return cosines between short texts and passages as MiniLM would have them: any shape, in [-1, 1]."""
        return _carried(values, self.passages)

    def reads(self, text: str) -> bool:
        """Tell whether the model can read a text; of others it sees little more than one unknown word."""
        return self.reads_every_script or is_latin(text)

    def unread(self, texts: Sequence[str]) -> list[bool]:
        """Tell of each text whether the model cannot read it; most are plain English, so that is asked first."""
        return [not text.isascii() and not self.reads(text) for text in texts]


MINILM: Final = Scale()
"""What the thresholds were tuned on."""


def _carried(values: FloatArray, curve: Curve) -> FloatArray:
    if not curve:
        return values
    known, counterparts = zip(*curve, strict=True)
    carried: FloatArray = np.interp(values, known, counterparts)
    return carried
