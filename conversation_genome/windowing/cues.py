"""What single lines say about where a topic begins: openers, closings, questions, words that point back."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_MARK: Final = re.compile(r"\{[^{}]{1,40}\}|\[[^\[\]]{1,40}\]|<[^<>]{1,40}>")
_WORD: Final = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)?")
_OPENER: Final = re.compile(
    r"^\W*(?:(?:ok(?:ay)?|so|well|alright|all right|right|now|and|oh|thanks?|great|cool|good|yes|no|um|uh|also)\b\W*)*"
    r"(?:by the way|btw|anyways?|speaking of|on another|another thing|next|moving on|let's|let us|first of all|finally|lastly|"
    r"one more|i also|can you also|could you also|also|i (?:now )?(?:need|want|would like|'d like|am looking|'m looking)|can you|could you|"
    r"find me|search|look up|do you|did you|have you|are you|what(?:'s| is| are| do| about| kind)|who(?:'s| is| do)|"
    r"where (?:do|are)|how(?:'s| is| are| about| do)|what about|guess what|tell me|i heard|i read|i just)\b",
    re.IGNORECASE,
)
_TURN: Final = re.compile(
    r"\b(?:by the way|btw|anyways?|speaking of|another thing|moving on|next item|item number|agenda|move on|"
    r"besides|change the subject|new topic|something else|anything else|meanwhile)\b",
    re.IGNORECASE,
)
_ASKED_MORE: Final = re.compile(
    r"\b(?:anything else|something else|what else|else (?:i can|can i)|help you|assist you|further)\b", re.IGNORECASE
)
_CLOSING: Final = re.compile(
    r"\b(?:thanks?|thank you|that's all|that is all|that'll be all|perfect|great|awesome|sounds good|i see|okay|ok|good luck|"
    r"bye|goodbye|take care|have a (?:good|great|nice)|nice (?:talking|chatting)|booked|confirmed|reserved|successfully|all set)\b",
    re.IGNORECASE,
)
_GREETING: Final = re.compile(
    r"^\W*(?:hi|hello|hey|hiya|howdy|good (?:morning|afternoon|evening)|welcome)\b", re.IGNORECASE
)
_ASSENT: Final = re.compile(
    r"^\W*(?:ok(?:ay)?|yes|yeah|yep|yup|no|nope|nah|ah+|oh+|right|sure|true|lol|ha(?:ha)+|wow|cool|nice|hmm*|mm+|uh-?huh|"
    r"i see|exactly|indeed|me too|me neither|same here|i agree|of course|definitely|absolutely|that's|that is|that sounds)\b",
    re.IGNORECASE,
)
_POINTS_BACK: Final = re.compile(
    r"^\W*(?:it|its|it's|that|that's|this|they|they're|them|he|he's|she|she's|those|these|there|because|but|and|or|then|which|"
    r"what time|how much|how many|why|when|is it|is that|is there|does it|are they|did they|did he|was it|really)\b",
    re.IGNORECASE,
)
_PRONOUN: Final = re.compile(
    r"\b(?:it|its|it's|that|that's|they|they're|them|their|he|him|his|she|her|those|these|there|one)\b", re.IGNORECASE
)
_QUESTION: Final = re.compile(r"[?\uff1f\u061f]")
_PLAIN: Final = re.compile(
    r"\b(?:the|of|and|to|a|in|is|you|that|it|for|on|are|with|i|be|this|have|do|not|what|my|your|so|was|but)\b",
    re.IGNORECASE,
)
_COMMON: Final = frozenset((
    "about", "actually", "after", "again", "also", "always", "another", "because", "been", "before", "being",
    "both", "came", "come", "could", "does", "doing", "done", "down", "each", "even", "ever", "every", "from",
    "going", "good", "great", "have", "having", "here", "into", "just", "know", "like", "little", "lots", "made",
    "make", "many", "maybe", "more", "most", "much", "need", "never", "only", "other", "over", "people", "pretty",
    "quite", "really", "right", "said", "same", "should", "some", "something", "still", "such", "sure", "take",
    "than", "thank", "thanks", "that", "their", "them", "then", "there", "these", "they", "thing", "things",
    "think", "this", "those", "though", "time", "tell", "very", "want", "well", "were", "what", "when", "where",
    "which", "while", "will", "with", "would", "yeah", "your", "yours",
))  # fmt: skip
CUES: Final = (
    "question", "opener", "turn", "asked_more", "closing", "greeting", "assent", "points_back", "pronouns", "length", "long",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LineCues:
    """What one line shows; numbers in [0, 1] or near it, in the order of `CUES`."""

    values: tuple[float, ...]
    words: frozenset[str]
    """Telling words, crudely stemmed."""


def read_cues(texts: Sequence[str], typical_length: float) -> list[LineCues]:
    """Return what each line shows; lengths beside the talk's typical one, in characters."""
    return [_read(_MARK.sub(" ", text), typical_length) for text in texts]


def english_share(texts: Sequence[str]) -> float:
    """Return how many of the words are the commonest of English: .2 to .5 in English, under .1 elsewhere."""
    words = sum(len(_WORD.findall(text)) for text in texts)
    return sum(len(_PLAIN.findall(text)) for text in texts) / words if words else 0.0


def _read(text: str, typical_length: float) -> LineCues:
    words = [word.lower() for word in _WORD.findall(text)]
    pronouns = len(_PRONOUN.findall(text))
    values = (
        _QUESTION.search(text) is not None,
        _OPENER.match(text) is not None,
        _TURN.search(text) is not None,
        _ASKED_MORE.search(text) is not None,
        _CLOSING.search(text) is not None,
        _GREETING.match(text) is not None,
        _ASSENT.match(text) is not None,
        _POINTS_BACK.match(text) is not None,
        min(pronouns, 3) / 3,
        min(len(words), 20) / 20,
        min(len(text) / max(typical_length, 1.0), 3.0) / 3,
    )
    telling = frozenset(word[:6] for word in words if len(word) > 3 and word not in _COMMON)
    return LineCues(tuple(map(float, values)), telling)
