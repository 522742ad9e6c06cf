"""What other processes do in the tests: a module of its own, so that they start without the SDKs."""

import multiprocessing
from pathlib import Path

from conversation_genome.errors import LlmBudgetError
from conversation_genome.llm.base import Usage
from conversation_genome.llm.budget import Budget, Limits
from conversation_genome.llm.cache import AnswerCache
from conversation_genome.llm.spending import DayLedger

MANY = 15


def reserve_often(path: str, results: "multiprocessing.Queue[int]") -> None:
    budget = Budget(Limits(tokens_per_day=1_000), DayLedger(Path(path)), {})
    granted = 0
    for _ in range(20):
        try:
            budget.reserve("m", Usage(input_tokens=50))
        except LlmBudgetError:
            continue
        granted += 1
    results.put(granted)


def put_many(path: str, name: str) -> None:
    cache = AnswerCache(Path(path), max_bytes=10_000_000)
    for number in range(MANY):
        cache.put(f"{name}-{number}", name * 1_000)
