"""What a run did, ready for JSON."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from conversation_genome.publishing import Publication


class Summary(BaseModel):
    """Counts of a whole run: of everything that is in the input, not of what was new."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    out: Path
    runner: str
    """`process`, or `ray` with the workers and nodes that it had."""
    files: int
    passed_over: tuple[str, ...]
    """Files that are of no kind that is read."""
    shards: int
    shards_kept: int
    """Finished by an earlier run, and not made again."""
    conversations: int
    """That were read, duplicates among them."""
    lines: int
    duplicates: int
    """Conversations whose id or content an earlier one has; the first stays."""
    refused: int
    """Conversations that are garbled, empty or too short."""
    faults: int
    """Records that cannot be read."""
    publication: Publication
    records_searched: int
    """Records in the search store."""
    cpu_seconds: float
    """Processor time behind all shards, whenever and by whomever they were made."""
    seconds: float
    """Of this run."""
