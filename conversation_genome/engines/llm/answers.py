"""What a model is asked to return, as pydantic models: the schema that it is held to, and what checks its answer."""

from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from conversation_genome.annotation import Aspect, FactKind
from conversation_genome.llm.schema import strict_schema

MAX_FACTS: Final = 16
"""Of one part of a conversation."""
_WORD: Final = r'[^ "\\\n\r\t{}<>]'
"""A letter of a word: nothing that JSON must escape, for some servers let it through unescaped."""
_TAG_WORD: Final = r'[^ ",;\\\n\r\t{}<>]'
_UP_TO_FOUR_WORDS: Final = f"^{_TAG_WORD}{{1,24}}( {_TAG_WORD}{{1,24}}){{0,3}}$"
_A_FEW_WORDS: Final = f"^{_WORD}{{1,24}}( {_WORD}{{1,24}}){{0,9}}$"


class GivenTag(BaseModel):
    """One thing the talk is about; best first in its list."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: Annotated[str, Field(description="one to four words", json_schema_extra={"pattern": _UP_TO_FOUR_WORDS})]
    aspect: Aspect


class GivenFact(BaseModel):
    """One thing a speaker said of themselves."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    speaker: Annotated[str, Field(json_schema_extra={"pattern": "^SPEAKER_[0-9]{1,4}$"})]
    kind: FactKind
    text: Annotated[str, Field(description="a few words", json_schema_extra={"pattern": _A_FEW_WORDS})]
    lines: Annotated[list[int], Field(description="numbers of the speaker's own lines that say it")]


class GivenTags(BaseModel):
    """The answer about a window."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tags: list[GivenTag]


class GivenReading(BaseModel):
    """The answer about a conversation, or a part of a long one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tags: list[GivenTag]
    facts: list[GivenFact]


def answer_schema(answer: type[GivenTags | GivenReading], *, max_tags: int) -> dict[str, Any]:
    """Return the strict schema of an answer with at most so many tags and facts.

    The bounds tell the model when to stop; what exceeds them is cut off when the answer is read.
    """
    schema = strict_schema(answer)
    properties = schema["properties"]
    properties["tags"]["maxItems"] = max_tags
    if "facts" in properties:
        properties["facts"]["maxItems"] = MAX_FACTS
        properties["facts"]["items"]["properties"]["lines"]["maxItems"] = 8
    return schema
