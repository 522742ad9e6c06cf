"""What a merged record may tell outside: placeholders for what is personal, and no sensitive facts."""

from collections.abc import Sequence

from conversation_genome.engines.discreet import discreet
from conversation_genome.privacy.masking import Mask
from conversation_genome.record import ConsensusTag, MergedRecord


def masked_record(record: MergedRecord) -> MergedRecord:
    """Return a record with placeholders in its lines, names and facts, and without the tags that tell what they hide.

    Its vectors and its quality stay: they were made of what was said. Masking it again changes nothing.
    """
    if record.is_masked:
        return record
    mask = Mask(record.conversation)
    return record.model_copy(
        update={
            "conversation": mask.conversation(record.conversation),
            "tags": _silent(mask, record.tags),
            "windows": tuple(
                window.model_copy(update={"tags": _silent(mask, window.tags)}) for window in record.windows
            ),
            "profiles": mask.profiles(record.profiles),
            "is_masked": True,
        }
    )


def discreet_record(record: MergedRecord) -> MergedRecord:
    """Return a record without the facts that tell a sensitive trait."""
    return record.model_copy(update={"profiles": tuple(map(discreet, record.profiles))})


def _silent(mask: Mask, tags: Sequence[ConsensusTag]) -> tuple[ConsensusTag, ...]:
    return tuple(tag for tag in tags if not mask.tells(tag.text))
