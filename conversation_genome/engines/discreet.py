"""DiscreetEngine: any engine, without numbers, addresses and sensitive traits of the people who talk."""

from collections.abc import Sequence

from conversation_genome.annotation import Annotation, Profile, Tag
from conversation_genome.conversation import Conversation, Window
from conversation_genome.engines.base import Engine
from conversation_genome.engines.sensitive import is_sensitive
from conversation_genome.privacy.masking import has_form


class DiscreetEngine:
    """An engine that tells no e-mail, card, telephone number or address, and no sensitive trait unless that is asked for.

    Names of people stay: they may be what the talk is about, and are masked where something is published.
    """

    def __init__(self, engine: Engine, *, keeps_sensitive: bool = False) -> None:
        """Take the engine that reads."""
        self._engine = engine
        self._keeps_sensitive = keeps_sensitive

    @property
    def name(self) -> str:
        """Name and version of the engine that reads."""
        return self._engine.name

    def annotate(self, conversation: Conversation, *, max_tags: int = 20) -> Annotation:
        """Return the tags and the profiles."""
        read = self._engine.annotate(conversation, max_tags=max_tags)
        profiles = read.profiles if self._keeps_sensitive else tuple(map(discreet, read.profiles))
        return read.model_copy(update={"tags": _formless(read.tags), "profiles": tuple(map(_plain, profiles))})

    def annotate_windows(
        self, conversation: Conversation, windows: Sequence[Window], *, max_tags: int = 20
    ) -> list[tuple[Tag, ...]]:
        """Return the tags of each window."""
        return list(map(_formless, self._engine.annotate_windows(conversation, windows, max_tags=max_tags)))


def discreet(profile: Profile) -> Profile:
    """Return a profile without the facts that tell a sensitive trait."""
    kept = tuple(fact for fact in profile.facts if not is_sensitive(fact.text))
    return profile if len(kept) == len(profile.facts) else profile.model_copy(update={"facts": kept})


def _plain(profile: Profile) -> Profile:
    kept = tuple(fact for fact in profile.facts if not has_form(fact.text))
    return profile if len(kept) == len(profile.facts) else profile.model_copy(update={"facts": kept})


def _formless(tags: Sequence[Tag]) -> tuple[Tag, ...]:
    return tuple(tag for tag in tags if not has_form(tag.text))
