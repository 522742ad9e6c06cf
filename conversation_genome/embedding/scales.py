"""On which scale each model's cosines are read: MiniLM's, for which every threshold of this project was found."""

from typing import Final

from conversation_genome.embedding import use_multilingual
from conversation_genome.embedding.base import EmbeddingModel
from conversation_genome.embedding.files import MODEL_NAME
from conversation_genome.scoring.scale import MINILM, Curve, Scale

MULTILINGUAL_NAMES: Final[Curve] = ((-1, -1), (0, 0), (0.2, 0.17), (0.4, 0.35), (0.6, 0.56), (0.8, 0.77), (1, 1))
"""Within .04 of MiniLM's quantiles up to the ninetieth in all fifteen languages: benchmarks/embedding/RESULTS.md."""
MULTILINGUAL_PASSAGES: Final[Curve] = (
    (-1, -1), (0, 0.05), (0.06, 0.12), (0.14, 0.23), (0.24, 0.36), (0.37, 0.48), (0.47, 0.57), (0.6, 0.7), (0.8, 0.88), (1, 1)
)  # fmt: skip
_READS_ALL: Final = Scale(reads_every_script=True)
_SCALES: Final = {
    MODEL_NAME: MINILM,
    use_multilingual.MODEL.name: Scale(MULTILINGUAL_NAMES, MULTILINGUAL_PASSAGES, reads_every_script=True),
    "text-embedding-3-small": _READS_ALL,
    "text-embedding-3-large": _READS_ALL,
}


def scale_of(model: EmbeddingModel) -> Scale:
    """Return the scale of a model; one that was never measured is read like MiniLM."""
    return _SCALES.get(model.name, MINILM)
