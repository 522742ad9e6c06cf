"""Masking on import: what was read, with placeholders for what is personal, before anything of it is stored."""

from collections.abc import Sequence
from dataclasses import replace

from conversation_genome.privacy.masking import masked
from conversation_server.services.importing import Read


def masked_batch(batch: Sequence[Read]) -> list[Read]:
    """Return what was read with every conversation masked; blocks.

    Equal conversations stay equal, so that one that comes again is still known.
    """
    return [replace(one, conversation=one.conversation and masked(one.conversation)) for one in batch]
