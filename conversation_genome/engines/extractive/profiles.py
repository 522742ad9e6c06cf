"""Profiles: what each participant said of themselves."""

from conversation_genome.annotation import Profile
from conversation_genome.conversation import Conversation
from conversation_genome.engines.extractive.reading import Reading


def profiles_of(conversation: Conversation, reading: Reading) -> tuple[Profile, ...]:
    """Return one profile of each participant who spoke."""
    speakers = list(dict.fromkeys(line.speaker for line in conversation.lines))[:64]
    return tuple(Profile(participant=conversation.participant_name(speaker)) for speaker in speakers)
