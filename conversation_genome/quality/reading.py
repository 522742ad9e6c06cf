"""A talk as the dimensions see it: the lines that are read, their words and their vectors, each made once."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from conversation_genome.conversation import Conversation
from conversation_genome.embedding.base import Embedder, FloatArray

MAX_READ_LINES: Final = 1_500
"""Lines that are read at most; a longer talk is read in blocks at even distances."""
BLOCK_LINES: Final = 50

_MARK: Final = re.compile(r"\{[^{}]{1,40}\}|\[[^\[\]]{1,40}\]|<[^<>]{1,40}>|\*[a-z ]{2,30}\*")
"""What a transcriber or a client wrote into the talk: {disfmarker}, [music], <sigh>, *laughs*."""
_WORD: Final = re.compile(r"[^\W\d_]+(?:['\N{RIGHT SINGLE QUOTATION MARK}][^\W\d_]+)*|\d+(?:[.,]\d+)*")
_UNSPACED: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f]")
"""Scripts that write no blanks between words (kana, Han, Thai): there two letters stand for one word."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The lines of a talk that were read, in order; none of them is empty."""

    numbers: NDArray[np.int64]
    """Where each line stands in the conversation, shape (n,)."""
    speakers: NDArray[np.int64]
    texts: tuple[str, ...]
    """Without spare blanks."""
    words: tuple[tuple[str, ...], ...]
    """Lower-cased."""
    vectors: FloatArray
    """Unit vectors, shape (n, d)."""

    def __len__(self) -> int:
        """The number of lines that were read."""
        return len(self.texts)


def read_line_numbers(conversation: Conversation) -> list[int]:
    """Return which lines are read: all that are not empty, or blocks of them at even distances."""
    spoken = [number for number, line in enumerate(conversation.lines) if line.text.strip()]
    if len(spoken) <= MAX_READ_LINES:
        return spoken
    blocks = MAX_READ_LINES // BLOCK_LINES
    starts = np.linspace(0, len(spoken) - BLOCK_LINES, blocks).astype(int)
    return sorted({number for start in starts for number in spoken[start : start + BLOCK_LINES]})


def read(conversation: Conversation, embedder: Embedder) -> Reading:
    """Return the talk as it is judged; the embedder is called once."""
    numbers = read_line_numbers(conversation)
    lines = [conversation.lines[number] for number in numbers]
    texts = tuple(" ".join(line.text.split()) for line in lines)
    return Reading(
        numbers=np.array(numbers, dtype=np.int64),
        speakers=np.array([line.speaker for line in lines], dtype=np.int64),
        texts=texts,
        words=tuple(words_of(text) for text in texts),
        vectors=embedder.embed([line.text for line in lines]),
    )


def words_of(text: str) -> tuple[str, ...]:
    """Return the lower-cased words without marks; pairs of letters where a script writes no blanks."""
    words: list[str] = []
    for word in _WORD.findall(_MARK.sub(" ", text.lower())):
        words += _pairs(word) if _UNSPACED.search(word) else [word]
    return tuple(words)


def _pairs(run: str) -> Sequence[str]:
    return [run[place : place + 2] for place in range(0, len(run), 2)]
