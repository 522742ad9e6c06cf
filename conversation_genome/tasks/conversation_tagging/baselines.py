"""Answers that need no understanding: whoever scores no higher than these has earned nothing."""

import hashlib
from collections.abc import Iterable
from typing import Final

from conversation_genome.annotation import Tag
from conversation_genome.conversation import Conversation, Window
from conversation_genome.protocol.messages import MinerAnswer

_TAGS: Final = 10
_POPULAR: Final = (
    "conversation", "people", "life", "work", "technology", "friends", "family", "news", "business", "music",
)  # fmt: skip
_ANYTHING: Final = (
    "accounting", "archaeology", "asthma", "ballet", "beekeeping", "bridge building", "cathedral", "cheese", "chess opening",
    "comet", "crochet", "dairy farm", "dentist appointment", "desert wildlife", "diesel engine", "earthquake", "espresso",
    "fencing", "fireworks", "fishing quota", "folk dance", "freight train", "garden pond", "glacier", "greenhouse", "harbour",
    "hiking boots", "hospital bed", "ice hockey", "insurance claim", "jazz trumpet", "jury", "kitchen renovation", "lighthouse",
    "lottery", "marathon training", "mortgage", "mushroom foraging", "opera", "orchard", "origami", "parachute", "pension",
    "photograph album", "pottery", "radio drama", "rainforest", "road works", "sailing", "sculpture", "sewing machine",
    "snow chains", "solar panel", "speech therapy", "stained glass", "submarine", "sushi", "tax return", "tide table", "tiger",
    "vaccination", "vineyard", "violin lesson", "volcano", "walnut cake", "wedding dress", "whale song", "zip line",
)  # fmt: skip


def baseline_answers(conversation: Conversation, window: Window) -> dict[str, MinerAnswer]:
    """Return the hidden answers of a window: none, what is said everywhere, anything at all; equal wherever made."""
    seed = f"{conversation.content_hash}/{window.id}"
    anything = sorted(_ANYTHING, key=lambda text: hashlib.sha256(f"{seed}/{text}".encode()).digest())
    return {
        "baseline:empty": _answer(window, ()),
        "baseline:popular": _answer(window, _POPULAR),
        "baseline:random": _answer(window, anything[:_TAGS]),
    }


def _answer(window: Window, texts: Iterable[str]) -> MinerAnswer:
    return MinerAnswer(task_id=window.id, tags=tuple(Tag(text=text) for text in texts), engine="baseline/1")
