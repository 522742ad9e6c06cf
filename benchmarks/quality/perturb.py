"""Ways to spoil a talk, each of which must lower one dimension.

What a spoiler puts in comes from `others`: talks of the same set, or of other ones.
"""

import random
from collections.abc import Callable, Sequence

from benchmarks.quality.spoilt_lines import joined, pieces
from benchmarks.quality.spoilt_lines import salad as salad_of
from conversation_genome.conversation import Conversation, Utterance

Perturbation = Callable[[Conversation, Sequence[Conversation], random.Random], Conversation]
ONE_WORD = ("yes", "no", "ok", "okay", "yeah", "sure", "cool", "right", "nice", "maybe", "true", "hm", "thanks", "lol")
NOISE = ("[inaudible]", "???", "--", "uh", "um", "[crosstalk]", "#", "xx", "...")


def shuffled(talk: Conversation, _: Sequence[Conversation], chance: random.Random) -> Conversation:
    """All lines in another order."""
    lines = list(talk.lines)
    for _ in range(20):
        chance.shuffle(lines)
        if [line.text for line in lines] != [line.text for line in talk.lines]:
            break
    return _with(talk, lines)


def retold(talk: Conversation, _: Sequence[Conversation], chance: random.Random) -> Conversation:
    """All texts in another order, while who speaks when stays."""
    texts = [line.text for line in shuffled(talk, (), chance).lines]
    return _with(talk, [line.model_copy(update={"text": text}) for line, text in zip(talk.lines, texts, strict=True)])


def foreign(talk: Conversation, others: Sequence[Conversation], chance: random.Random) -> Conversation:
    """Three lines in ten taken from another talk."""
    other = chance.choice([one for one in others if one.id != talk.id])
    return _replaced(talk, chance, 0.3, lambda _line, _place: chance.choice(other.lines).text)


def repeated(talk: Conversation, _: Sequence[Conversation], chance: random.Random) -> Conversation:
    """Three lines in ten say what an earlier line said."""
    return _replaced(talk, chance, 0.3, lambda _line, place: talk.lines[chance.randrange(max(1, place))].text)


def salad(talk: Conversation, _: Sequence[Conversation], chance: random.Random) -> Conversation:
    """The words of every line in another order."""
    return _replaced(talk, chance, 1.0, lambda line, _place: salad_of(line.text, chance))


def broken(talk: Conversation, _: Sequence[Conversation], chance: random.Random) -> Conversation:
    """Words lost, letters lost, marks and stammering put in, as a bad recording is written down."""
    return _replaced(talk, chance, 1.0, lambda line, _place: _broken(line.text, chance))


def one_word(talk: Conversation, _: Sequence[Conversation], chance: random.Random) -> Conversation:
    """One speaker of a talk answers in one word."""
    mute = talk.lines[chance.randrange(len(talk.lines))].speaker
    lines = [
        line.model_copy(update={"text": chance.choice(ONE_WORD)}) if line.speaker == mute else line
        for line in talk.lines
    ]
    return _with(talk, lines)


PERTURBATIONS: dict[str, tuple[str, Perturbation]] = {
    "shuffled lines": ("coherence", shuffled),
    "shuffled texts": ("coherence", retold),
    "foreign lines": ("relevance", foreign),
    "repeated lines": ("novelty", repeated),
    "word salad": ("fluency", salad),
    "broken transcript": ("fluency", broken),
    "one-word answers": ("engagement", one_word),
}


def _replaced(
    talk: Conversation, chance: random.Random, share: float, text: Callable[[Utterance, int], str]
) -> Conversation:
    count = max(1, round(share * len(talk.lines)))
    places = set(chance.sample(range(len(talk.lines)), count))
    if share < 1:
        places = set(chance.sample(range(1, len(talk.lines)), min(count, len(talk.lines) - 1)))
    return _with(
        talk,
        [
            line.model_copy(update={"text": text(line, place)}) if place in places else line
            for place, line in enumerate(talk.lines)
        ],
    )


def _broken(text: str, chance: random.Random) -> str:
    words: list[str] = []
    for word in pieces(text):
        draw = chance.random()
        if draw < 0.15:
            continue
        if draw < 0.3:
            words.append(chance.choice(NOISE))
        heard = _without_a_letter(word, chance) if draw < 0.45 and len(word) > 3 else word
        words += [heard, heard] if draw > 0.93 else [heard]
    return joined(words) or chance.choice(NOISE)


def _without_a_letter(word: str, chance: random.Random) -> str:
    cut = chance.randrange(1, len(word))
    return word[:cut] + word[cut + 1 :]


def _with(talk: Conversation, lines: Sequence[Utterance]) -> Conversation:
    return talk.model_copy(update={"lines": tuple(lines)})
