"""Passages: the window's own speech, which bears a true tag out even where the reference missed it."""

import math
from collections.abc import Iterator, Sequence
from typing import Final

from conversation_genome.scoring.scale import Scale
from conversation_genome.scoring.similarity import FloatArray, ramp

MAX_PASSAGES: Final = 48
"""A long window's lines are joined until there are this many passages at most."""
PASSAGE_CHARACTERS: Final = 200
MAX_PASSAGE_CHARACTERS: Final = 1_000
"""About what the model reads of a text."""
GROUNDED: Final = (0.30, 0.60)
"""Cosines with a passage between which a tag goes from absent to borne out."""
VAGUE: Final = (0.42, 0.65)
"""Cosines with the background between which a tag goes from telling to a mere word of the talk."""


def passages_of(utterances: Sequence[str]) -> tuple[str, ...]:
    """Return the window's speech in passages of about a sentence or two, at most 48; each line starts a new one.

    Where the lines or their length would make more, passages grow and lines share them.
    """
    lines = [" ".join(text.split()) for text in utterances]
    size = max(PASSAGE_CHARACTERS, -(-sum(map(len, lines)) // MAX_PASSAGES))
    pieces = [piece for line in lines for piece in _pieces(line, size)]
    step = -(-len(pieces) // MAX_PASSAGES) or 1
    joined = (" ".join(pieces[start : start + step]) for start in range(0, len(pieces), step))
    return tuple(dict.fromkeys(passage[:MAX_PASSAGE_CHARACTERS] for passage in joined))


def _pieces(line: str, size: int) -> Iterator[str]:
    """Yield a line in equal pieces of about `size` characters, cut between words."""
    count = -(-len(line) // size)
    found = line.split(" ")
    each = -(-len(found) // count) if count else 1
    yield from (" ".join(found[start : start + each]) for start in range(0, len(found), each) if line)


def support(texts: Sequence[str], near: FloatArray, generic: FloatArray, speech: str, scale: Scale) -> FloatArray:
    """Return how well each passage of the window bears each tag out: shape (t, p), in [0, 1].

    Single words of a talk are nearer to the background than its themes are, so nearness to it takes off.

    Args:
        texts: t normalised tags.
        near: How alike tags and passages are as the scale has it: shape (t, p).
        generic: How near each tag is to the background: shape (t,).
        speech: What was said, for tags that the model cannot read.
        scale: Which scripts the model can read.
    """
    borne = ramp(near, *GROUNDED) * (1.0 - ramp(generic, *VAGUE))[:, None]
    for row, is_unread in enumerate(scale.unread(texts)):
        if is_unread:
            borne[row] = float(texts[row] in speech)
    return borne


def share_covered(support: FloatArray) -> float:
    """Return the mean over the passages of the best support any tag has there: in [0, 1], from shape (t, p)."""
    if not support.size:
        return 0.0
    best: list[float] = support.max(axis=0).tolist()
    return math.fsum(best) / len(best)
