"""How people speak of themselves in languages other than English: which reader reads which.

A fact is what was said, in the language in which it was said.
"""

from collections.abc import Callable, Iterator
from typing import Final

from conversation_genome.engines.extractive.facts.chinese_korean import chinese_facts, korean_facts
from conversation_genome.engines.extractive.facts.english import Said
from conversation_genome.engines.extractive.facts.grammars import LANGUAGES as SPACED
from conversation_genome.engines.extractive.facts.japanese import japanese_facts
from conversation_genome.engines.extractive.facts.spaced import spaced_facts

_BY_SCRIPT: Final[dict[str, Callable[[str], Iterator[Said]]]] = {
    "ja": japanese_facts,
    "ko": korean_facts,
    "zh": chinese_facts,
}
LANGUAGES: Final = SPACED | _BY_SCRIPT.keys()


def other_facts(text: str, language: str) -> Iterator[Said]:
    """Yield what a line says of its speaker; nothing where the language is not one of LANGUAGES."""
    if language in _BY_SCRIPT:
        yield from _BY_SCRIPT[language](text)
    elif language in SPACED:
        yield from spaced_facts(text, language)
