"""WindowingSettings: what bounds a window, and what tells where a topic ends."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Boundaries = Literal["meaning", "words", "fixed"]
"""What level 1 is cut by. `meaning` needs vectors; `words` needs none; `fixed` cuts no topics and no threads apart,
runs of a fixed length alone, as the original did."""


class WindowingSettings(BaseModel):
    """The bounds of windows and segments; a single line is never cut, however long it is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    boundaries: Boundaries = "meaning"
    """What level 1 is cut by."""
    window_lines: Annotated[int, Field(ge=2, le=64)] = 10
    """Lines in a level-2 window; the last one of a segment may take up to `window_overlap + 1` more."""
    window_overlap: Annotated[int, Field(ge=0, le=32)] = 2
    """Lines that two neighbouring level-2 windows of one segment share."""
    window_tokens: Annotated[int, Field(ge=50, le=100_000)] = 2_000
    """Tokens in a level-2 window at most (see `tokens.token_count`), unless one line alone has more."""
    min_lines: Annotated[int, Field(ge=1)] = 4
    """Lines with text below which a conversation is refused, and a thread has no level-2 windows."""
    segment_min_lines: Annotated[int, Field(ge=1)] = 4
    """Lines in a level-1 segment at least; the first and the last may be half as long."""
    segment_max_lines: Annotated[int, Field(ge=2)] = 400
    """Lines in a level-1 segment at most."""
    segment_tokens: Annotated[int, Field(ge=50)] = 16_000
    """Tokens in a level-1 segment at most, unless one line alone has more."""

    @model_validator(mode="after")
    def _bounds_fit(self) -> Self:
        if self.window_overlap >= self.window_lines:
            msg = f"window_overlap ({self.window_overlap}) must be smaller than window_lines ({self.window_lines})"
            raise ValueError(msg)
        if self.segment_max_lines < 2 * self.segment_min_lines:
            msg = f"segment_max_lines ({self.segment_max_lines}) must be at least twice segment_min_lines ({self.segment_min_lines})"
            raise ValueError(msg)
        return self
