"""What a publication holds, counted."""

from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from conversation_genome.embedding.base import EmbeddingModel


class Publication(BaseModel):
    """A dataset as it was written."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    folder: Path
    rows: dict[str, int]
    """Rows by table."""
    licences: dict[str, int]
    """Conversations by SPDX identifier."""
    left_out: dict[str, int]
    """Conversations that were not published, by what they state as their licence."""
    languages: dict[str, int]
    """Conversations by language, where the source tells."""
    scoring_versions: tuple[str, ...]
    embedding_model: EmbeddingModel | None
    """The main model, whose vectors stand in `conversations` and `tags`; None when nothing was published."""
    other_models: tuple[EmbeddingModel, ...] = ()
    """Models of other languages; each has a table of vectors of its own."""
    has_tag_vectors: bool
    newest_record_at: datetime | None
    size_bytes: int
    """Of the Parquet files."""
    revision: str
    """SHA-256 (hex) over the Parquet files: equal content, equal revision."""

    @property
    def conversations(self) -> int:
        """Conversations that were published."""
        return self.rows["conversations"]
