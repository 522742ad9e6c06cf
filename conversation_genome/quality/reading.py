"""A talk as the dimensions see it: the lines that are read, their words and their vectors, each made once."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from conversation_genome.conversation import Conversation
from conversation_genome.embedding.base import Embedder, EmbeddingModel, FloatArray
from conversation_genome.embedding.by_language import embedder_for
from conversation_genome.injection import said_to_people
from conversation_genome.language import language_of
from conversation_genome.quality.acts import Calls, calls_in
from conversation_genome.quality.transitions import is_english
from conversation_genome.windowing.chat import addressed_in

MAX_READ_LINES: Final = 1_500
"""Lines that are read at most; a longer talk is read in blocks at even distances."""
BLOCK_LINES: Final = 50

_MARK: Final = re.compile(r"\{[^{}]{1,40}\}|\[[^\[\]]{1,40}\]|<[^<>]{1,40}>|\*[a-z ]{2,30}\*")
"""What a transcriber or a client wrote into the talk: {disfmarker}, [music], <sigh>, *laughs*."""
_CLITIC: Final = re.compile(r" (n't|'(?:s|m|re|ve|ll|d|t))\b", re.IGNORECASE)
_SPACE_BEFORE_MARK: Final = re.compile(r"(?<=\w) ([.,?!;:])(?=\s|$)")
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
    addressed: tuple[int | None, ...]
    """Whom each line speaks to by name, as in a channel where several talks run through each other."""
    calls: Calls
    """How strongly the lines call for each other."""
    vectors: FloatArray
    """Unit vectors, shape (n, d)."""
    model: EmbeddingModel
    """Which model made the vectors."""

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
    """Return the talk as it is judged, by the model of its language; that model is called once.

    Orders to whatever reads the talk are left out: nobody in it hears them, and no line gets better by them. Where
    nothing else is said, the lines stand as they are.
    """
    numbers = read_line_numbers(conversation)
    said = {number: _said(conversation.lines[number].text) for number in numbers}
    numbers = [number for number in numbers if said[number]] or numbers
    lines = [conversation.lines[number] for number in numbers]
    texts = tuple(said[number] or " ".join(conversation.lines[number].text.split()) for number in numbers)
    chosen = embedder_for(embedder, _language(texts, conversation.language))
    return Reading(
        numbers=np.array(numbers, dtype=np.int64),
        speakers=np.array([line.speaker for line in lines], dtype=np.int64),
        texts=texts,
        words=tuple(words_of(text) for text in texts),
        addressed=addressed_in([(line.speaker, line.text) for line in lines], conversation.participants),
        calls=calls_in(texts, [line.speaker for line in lines]),
        vectors=chosen.embed(texts),
        model=chosen.model,
    )


def _language(texts: Sequence[str], stated: str | None) -> str | None:
    """Return the language whose model reads the talk; a few short English lines are not taken for another one."""
    read_lines = texts[:BLOCK_LINES]
    is_mostly_english = 2 * sum(map(is_english, read_lines)) >= len(read_lines)
    return stated if stated or is_mostly_english else language_of(texts)


def _said(text: str) -> str:
    return joined_clitics(" ".join(said_to_people(text).split()))


def joined_clitics(text: str) -> str:
    """Return a line as people write it: "i do n't know ." of a tokenised source reads "i don't know."."""
    return _SPACE_BEFORE_MARK.sub(r"\1", _CLITIC.sub(r"\1", text))


def words_of(text: str) -> tuple[str, ...]:
    """Return the lower-cased words without marks; pairs of letters where a script writes no blanks."""
    found = _WORD.findall(_MARK.sub(" ", text.lower()))
    if _UNSPACED.search(text) is None:
        return tuple(found)
    words: list[str] = []
    for word in found:
        words += _pairs(word) if _UNSPACED.search(word) else [word]
    return tuple(words)


def _pairs(run: str) -> Sequence[str]:
    return [run[place : place + 2] for place in range(0, len(run), 2)]
