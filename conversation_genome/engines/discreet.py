"""DiscreetEngine: any engine, without the sensitive traits of the people who talk."""

from collections.abc import Sequence

from conversation_genome.annotation import Annotation, Profile, Tag
from conversation_genome.conversation import Conversation, Window
from conversation_genome.engines.base import Engine
from conversation_genome.engines.sensitive import is_sensitive


class DiscreetEngine:
    """An engine whose profiles hold no fact that tells a sensitive trait; its tags are left as they are."""

    def __init__(self, engine: Engine) -> None:
        """Take the engine that reads."""
        self._engine = engine

    @property
    def name(self) -> str:
        """Name and version of the engine that reads."""
        return self._engine.name

    def annotate(self, conversation: Conversation, *, max_tags: int = 20) -> Annotation:
        """Return the tags and the profiles, these without sensitive facts."""
        read = self._engine.annotate(conversation, max_tags=max_tags)
        return read.model_copy(update={"profiles": tuple(map(discreet, read.profiles))})

    def annotate_windows(
        self, conversation: Conversation, windows: Sequence[Window], *, max_tags: int = 20
    ) -> list[tuple[Tag, ...]]:
        """Return the tags of each window."""
        return self._engine.annotate_windows(conversation, windows, max_tags=max_tags)


def discreet(profile: Profile) -> Profile:
    """Return a profile without the facts that tell a sensitive trait."""
    kept = tuple(fact for fact in profile.facts if not is_sensitive(fact.text))
    return profile if len(kept) == len(profile.facts) else profile.model_copy(update={"facts": kept})
