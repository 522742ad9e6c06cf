"""Talks made up for the tests of quality."""

from conversation_genome.conversation import Conversation, Utterance

TRAINS = (
    "I took the night train to the coast last week, have you ever been on one?",
    "The night train to the coast? No, but I always wanted to sleep in one of the old cars.",
    "The old cars are the best part, the beds are made of wood and they creak all night.",
    "Do the beds creak so much that you cannot sleep, or did you get used to it?",
    "I did not sleep until the guard came round with tea, and the tea was very good.",
    "What did the guard say when he saw that you were still awake with your tea?",
    "He said that nobody sleeps before the tunnel, and then he told me about the tunnel.",
    "Is that the long tunnel under the mountain, the one that took thirty years to build?",
    "Yes, thirty years, and his father was one of the men who built it under the mountain.",
    "His father built it? I would have asked him to tell me the whole story of his father.",
)


def talk(*texts: str, speakers: int = 2) -> Conversation:
    lines = tuple(Utterance(speaker=number % speakers, text=text) for number, text in enumerate(texts))
    return Conversation(id="talk", participants=tuple(f"P{index}" for index in range(speakers)), lines=lines)
