"""Replies that people would mark down, each made for one place in one talk: what a judge of single lines must notice."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from benchmarks.quality.spoilt_lines import SPOILERS, is_unspaced, pieces
from conversation_genome.conversation import Conversation, Utterance
from conversation_genome.embedding.base import Embedder, FloatArray

CONTEXT_LINES: Final = 8
SEVERITY: Final = {
    "true": 0.0,
    "retrieved": 0.3,
    "cut short": 0.4,
    "thinned": 0.4,
    "dull": 0.6,
    "other place": 0.6,
    "random": 0.8,
    "repetition": 0.8,
    "echo": 0.9,
    "other set": 0.9,
    "loop": 0.9,
    "salad": 1.0,
}
"""How far each kind is from a good reply, as far as we can tell without raters; for rank correlation only."""
DULL: Final = tuple(
    """I don't know.|That's cool.|Yes.|No.|I am not sure what you mean.|That is great!|Oh ok.|I see.|lol|What?
    |I'm sorry, I don't understand.|Sounds good.|I like it too.|I am not sure.|Yeah, me too.|That is nice.|ok|Really?
    |I don't know what to say.|Good for you.|Thanks.|I agree.|Hmm, interesting.|I think so.|Haha, that's funny.
    |How are you today?|I do not know what that is.|What do you do for a living?|Do you have any hobbies?
    |I'm doing well, how are you?|That sounds like fun!|I have no idea.|You are right.|I love it.|Wow, amazing!
    |i'm not sure, but i think that is a good idea.|yes, i do.|i have never been there.|What else do you like?""".replace(
        "\n    ", ""
    ).split("|")
)
DULL_JAPANESE: Final = (
    "そうですね。",
    "はい。",
    "いいえ。",
    "わかりません。",
    "いいですね。",
    "なるほど。",
    "すごいですね。",
    "ありがとうございます。",
)


@dataclass(frozen=True, slots=True)
class Reply:
    """A talk that ends in a reply, and what kind of reply it is."""

    kind: str
    talk: Conversation


@dataclass(frozen=True, slots=True)
class Material:
    """The talks of one set with the vectors of all lines that have a next one."""

    talks: Sequence[Conversation]
    places: Sequence[tuple[int, int]]
    vectors: FloatArray

    @classmethod
    def of(cls, talks: Sequence[Conversation], embedder: Embedder) -> "Material":
        """Return the material of a set; every line but the last of each talk is embedded."""
        places = [(number, place) for number, talk in enumerate(talks) for place in range(len(talk.lines) - 1)]
        return cls(talks, places, embedder.embed([talks[number].lines[place].text for number, place in places]))


def replies(
    material: Material, strangers: Sequence[Conversation], *, count: int, embedder: Embedder, seed: str
) -> list[Reply]:
    """Return `count` places, each with its true reply and one bad reply of each kind."""
    chance = random.Random(seed)
    places = [
        (number, place)
        for number, place in material.places
        if place >= 1 and len(pieces(material.talks[number].lines[place + 1].text)) >= 3
    ]
    return [
        Reply(kind, _ending_in(material.talks[number], place + 1, text))
        for number, place in chance.sample(places, min(count, len(places)))
        for kind, text in _texts(material, strangers, (number, place + 1), embedder, chance).items()
    ]


def _texts(
    material: Material,
    strangers: Sequence[Conversation],
    at: tuple[int, int],
    embedder: Embedder,
    chance: random.Random,
) -> dict[str, str]:
    number, place = at
    lines = [line.text for line in material.talks[number].lines]
    true = lines[place]
    elsewhere = [text for other, text in enumerate(lines) if abs(other - place) > 3]
    another = chance.choice([talk for other, talk in enumerate(material.talks) if other != number])
    return {
        "true": true,
        "retrieved": _retrieved(material, at, embedder, chance),
        "dull": chance.choice(DULL_JAPANESE if is_unspaced(true) else DULL),
        "other place": chance.choice(elsewhere or [chance.choice(another.lines).text]),
        "random": chance.choice(another.lines).text,
        "repetition": chance.choice(lines[max(0, place - CONTEXT_LINES) : place]),
        "echo": lines[place - 1],
        "other set": chance.choice(chance.choice(strangers).lines).text,
        **{kind: spoil(true, chance) for kind, spoil in SPOILERS.items()},
    }


def _retrieved(material: Material, at: tuple[int, int], embedder: Embedder, chance: random.Random) -> str:
    """Return what followed one of the three lines of other talks that are most like the last one."""
    number, place = at
    likeness = material.vectors @ embedder.embed([material.talks[number].lines[place - 1].text])[0]
    nearest = [material.places[row] for row in np.argsort(-likeness)[:60]]
    other, where = chance.choice([one for one in nearest if one[0] != number][:3] or nearest)
    return material.talks[other].lines[where + 1].text


def _ending_in(talk: Conversation, place: int, text: str) -> Conversation:
    context = talk.lines[max(0, place - CONTEXT_LINES) : place]
    return talk.model_copy(update={"lines": (*context, Utterance(speaker=talk.lines[place].speaker, text=text))})
