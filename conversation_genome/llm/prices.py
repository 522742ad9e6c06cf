"""What models cost: US dollars per million tokens in and out, as their makers' pages gave them in November 2026.

The price of input is that of writing the provider's cache where that costs more, since some write it unasked; the
figures are for prompts of the size that this project sends. CGP_LLM_PRICES goes before this table.
"""

import re
from collections.abc import Mapping
from typing import Final

from conversation_genome.llm.base import Usage
from conversation_genome.llm_settings import Prices

PRICES: Final[Prices] = {
    "gpt-6-astra": (12.5, 50.0),
    "gpt-6.1-sol": (2.5, 10.0),
    "gpt-6-sol": (2.5, 10.0),
    "gpt-6-luna": (0.125, 0.5),
    "gpt-5.6-sol": (6.25, 30.0),
    "gpt-5.6-terra": (2.5, 12.0),
    "gpt-5.6-luna": (0.25, 1.2),
    "gpt-5.4-mini": (0.75, 4.5),
    "text-embedding-3-small": (0.02, 0.0),
    "text-embedding-3-large": (0.13, 0.0),
    "claude-opus-5-5": (5.0, 20.0),
    "claude-sonnet-5-5": (2.5, 10.0),
    "claude-sonnet-5": (2.5, 10.0),
    "claude-haiku-5-5": (0.125, 0.5),
    "claude-haiku-4-5": (1.25, 5.0),
}
_DATE: Final = re.compile(r"-\d{4}-?\d{2}-?\d{2}$")
_MILLION: Final = 1_000_000


def price_of(model: str, overrides: Mapping[str, tuple[float, float]]) -> tuple[float, float] | None:
    """Return a model's price, a dated name at that of the undated one; None where it is not known."""
    for name in (model, _DATE.sub("", model)):
        for table in (overrides, PRICES):
            if name in table:
                return table[name]
    return None


def cost_usd(usage: Usage, price: tuple[float, float]) -> float:
    """Return what a call costs in US dollars."""
    return (usage.input_tokens * price[0] + usage.output_tokens * price[1]) / _MILLION
