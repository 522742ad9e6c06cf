"""Exchange: whether turns stand where turns of their kind belong, whatever they are about.

Talk comes in pairs whose second part follows at once: a question and its answer, a greeting and its return
(adjacency pairs: Schegloff & Sacks, Semiotica 8, 1973); speakers take turns (Sacks, Schegloff & Jefferson,
Language 50, 1974); greetings open a talk and farewells close it. Short talks of one pattern, which mean much the same
in any order, show their order here alone.
"""

import re
from itertools import pairwise
from typing import Final

import numpy as np

from conversation_genome.quality.reading import Reading

_QUESTION: Final = re.compile(r"[?\uff1f]|ますか。|ですか。|でしょうか。")
_ANSWER: Final = re.compile(
    r"^\W*(?:(?:yes|yea|yeah|yep|yup|no|nope|nah|of course|not really|s[ií]|oui|non|ja|nein)\b|はい|いいえ)",
    re.IGNORECASE,
)
_UPTAKE: Final = re.compile(
    r"^\W*(?:(?:ok|okay|alright|all right|great|sure|perfect|thanks|thank you|so|and|but|that's|me too|also)\b|なるほど|そうですね|ありがとう)",
    re.IGNORECASE,
)
"""What takes something up, so that something must have come before."""
_OPENING: Final = re.compile(
    r"^\W*(hi|hello|hey|hiya|howdy|good (morning|evening|afternoon)|こんにちは|こんばんは|おはよう|はじめまして|初めまして"
    r"|hola|bonjour|salut|hallo|guten)",
    re.IGNORECASE,
)
_CLOSING: Final = re.compile(
    r"\b(good ?bye|bye|see (you|ya)|take care|nice (talking|chatting|meeting)|(have|enjoy) (a|your) (good|great|nice)"
    r"|(will|should|'ll) be ready|you're welcome|no problem|au revoir|adi[oó]s|tsch[uü]ss)\b"
    r"|ありがとうございました|失礼します|さようなら|それでは",
    re.IGNORECASE,
)


ADDRESS_LINES: Final = 15
"""How far back somebody spoke who is spoken to by name (Elsner & Charniak, Computational Linguistics 36, 2010)."""


def order(reading: Reading) -> float:
    """Return how far the order of the turns is that of an exchange, in [-1, 1]; 0 where nothing tells."""
    signs = [*_pairs(reading), *_addresses(reading), *_ends(reading)]
    return float(np.mean(signs)) if signs else 0.0


def _pairs(reading: Reading) -> list[float]:
    """Return +1 or -1 for each neighbouring pair that says something about its order."""
    asks = [bool(_QUESTION.search(text)) for text in reading.texts]
    answers = [bool(_ANSWER.search(text)) for text in reading.texts]
    signs: list[float] = []
    for before, after in pairwise(range(len(reading))):
        is_another = reading.speakers[before] != reading.speakers[after]
        signs.append(1.0 if is_another else -1.0)
        if answers[after]:
            signs.append(1.0 if asks[before] and is_another else -1.0)
    return signs


def _addresses(reading: Reading) -> list[float]:
    """Return +1 for each line that speaks by name to somebody who spoke shortly before, -1 where they did not."""
    last: dict[int, int] = {}
    signs: list[float] = []
    for place, addressed in enumerate(reading.addressed):
        if addressed is not None:
            signs.append(1.0 if place - last.get(addressed, -ADDRESS_LINES) < ADDRESS_LINES else -1.0)
        last[int(reading.speakers[place])] = place
    return signs


def _ends(reading: Reading) -> list[float]:
    """Return +1 for each greeting in the first third and farewell in the last one, -1 for those elsewhere.

    A talk that ends with a question has lost its answer, one that begins with an answer its question.
    """
    size = len(reading)
    places = np.arange(size) / max(1, size - 1)
    signs = []
    for place, text in zip(places, reading.texts, strict=True):
        if _OPENING.search(text):
            signs.append(1.0 if place <= 1 / 3 else -1.0)
        if _CLOSING.search(text):
            signs.append(1.0 if place >= 2 / 3 else -1.0)
    first = reading.texts[0]
    signs.append(-1.0 if _ANSWER.search(first) or _UPTAKE.search(first) else 1.0)
    return [*signs, -1.0 if _QUESTION.search(reading.texts[-1]) else 1.0]
