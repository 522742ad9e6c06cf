"""Talks for the tests of the engines."""

from conversation_genome.conversation import Conversation, Utterance


def talk(
    *lines: str | tuple[int, str], participants: tuple[str, ...] = ("Ann", "Ben"), language: str | None = None
) -> Conversation:
    """Return a talk; lines without a speaker alternate."""
    spoken = [line if isinstance(line, tuple) else (number % 2, line) for number, line in enumerate(lines)]
    return Conversation(
        id="talk",
        participants=participants,
        lines=tuple(Utterance(speaker=speaker, text=text) for speaker, text in spoken),
        language=language,
    )
