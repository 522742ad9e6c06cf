"""Quality: the five dimensions and the index they make."""

from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

Numbers = NDArray[np.float64]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class Dimensions(BaseModel):
    """The five dimensions of a conversation, each in [0, 1], higher is better."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    relevance: Share
    engagement: Share
    novelty: Share
    coherence: Share
    fluency: Share


class Quality(Dimensions):
    """How good a conversation is to read."""

    boring_index: Share
    """1 is boring: the only number of which less is better."""
    lines: tuple[Share, ...]
    """The quality of each line given the lines before it."""
