"""LanguageModel: a prompt in, a checked answer out; what was answered before is not asked again."""

import threading
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from conversation_genome.errors import LlmAnswerError
from conversation_genome.llm.base import Prompt, Provider, Reply, Usage
from conversation_genome.llm.cache import AnswerCache
from conversation_genome.llm.calls import CallCounters, Calls

Answer = TypeVar("Answer", bound=BaseModel)


class LanguageModel:
    """Asks one model of one provider; safe across threads."""

    def __init__(self, provider: Provider, calls: Calls, cache: AnswerCache | None = None) -> None:
        """Take who answers, how calls are made, and where answers are kept; None keeps none.

        Raises:
            LlmBudgetError: If no limit of the budget could hold for this model.
        """
        calls.budget.require_a_limit_that_holds(provider.model)
        self._provider = provider
        self._calls = calls
        self._cache = cache
        self._cached = 0
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """Provider and model: `openai/gpt-6-luna`."""
        return f"{self._provider.name}/{self._provider.model}"

    @property
    def at_once(self) -> int:
        """How many calls run at once; more threads than that only wait."""
        return self._calls.at_once

    @property
    def counters(self) -> CallCounters:
        """What the process asked for so far, by this model and those that share its budget."""
        return self._calls.counters

    @property
    def cached(self) -> int:
        """Answers that were taken from the cache."""
        with self._lock:
            return self._cached

    @property
    def spent_usd(self) -> float:
        """US dollars that this process spent and reserved so far; 0 for models without a known price."""
        return self._calls.budget.spent.usd

    def ask(self, prompt: Prompt, answer: type[Answer]) -> Answer:
        """Return the model's answer, which fits `answer`.

        Raises:
            LlmBudgetError: If the call could exceed the budget; nothing was sent.
            LlmAnswerError: If the answer is not the JSON that was asked for.
            LlmError: Any other cause, as its subclass.
        """
        key = prompt.key(*self._provider.identity)
        remembered = self._remembered(key, answer)
        if remembered is not None:
            return remembered
        reply = self._calls.call(
            self._provider.model,
            Usage(input_tokens=prompt.most_input_tokens, output_tokens=prompt.max_output_tokens),
            lambda seconds: _with_usage(self._provider.complete(prompt, timeout_seconds=seconds)),
        )
        if reply.failure is not None:
            raise reply.failure
        checked = self._checked(reply.text, answer)
        if self._cache is not None:
            self._cache.put(key, reply.text)
        return checked

    def _remembered(self, key: str, answer: type[Answer]) -> Answer | None:
        text = self._cache.get(key) if self._cache is not None else None
        if text is None:
            return None
        try:
            known = answer.model_validate_json(text, strict=True)
        except ValidationError:
            return None
        with self._lock:
            self._cached += 1
        return known

    def _checked(self, text: str, answer: type[Answer]) -> Answer:
        try:
            return answer.model_validate_json(text, strict=True)
        except ValidationError as exc:
            fault = exc.errors(include_url=False, include_input=False)[0]
            path = ".".join(map(str, fault["loc"])) or "the answer"
            raise LlmAnswerError(
                f"{self.name} did not answer with the JSON that was asked for ({path}: {fault['msg']}); "
                "a server that does not enforce schemas may need another CGP_OPENAI_ANSWER_FORM or a larger model"
            ) from None


def _with_usage(reply: Reply) -> tuple[Reply, Usage | None]:
    return reply, reply.usage
