"""What verbs that may ask a language model say of what the day has cost."""

from typing import TYPE_CHECKING, Any

from conversation_genome.cli.output import say

if TYPE_CHECKING:
    from conversation_genome.settings import RoleSettings


def spent_today(engine: str, settings: "RoleSettings") -> dict[str, Any]:
    """Return and say what language models cost today; nothing where the engine asks none."""
    from conversation_genome.llm.spending import DayLedger
    from conversation_genome.llm_settings import PROVIDERS

    if engine.removeprefix("agreement-") not in PROVIDERS:
        return {}
    spent = DayLedger(settings.llm_folder / "spent.sqlite").spent_today()
    say(f"language models today: {spent.tokens:,} tokens, {spent.usd:.4f} US dollars where the price is known")
    return {"language_models_today": {"tokens": spent.tokens, "usd": round(spent.usd, 6)}}
