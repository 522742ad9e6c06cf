"""LlmEngine: reads a conversation by asking a language model, part by part, and keeps what the talk bears out."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from conversation_genome.annotation import MAX_TAGS, Annotation, Tag
from conversation_genome.conversation import Conversation, Window
from conversation_genome.embedding.base import Embedder
from conversation_genome.embedding.by_language import embedder_for
from conversation_genome.engines.extractive.recent import Recent
from conversation_genome.engines.llm.answers import GivenReading, GivenTags
from conversation_genome.engines.llm.containment import grounded_facts, grounded_tags
from conversation_genome.engines.llm.merging import merged_profiles, merged_tags
from conversation_genome.engines.llm.prompts import PROMPT_VERSION, reading_prompt, window_prompt
from conversation_genome.engines.llm.transcript import Part, Spoken, parts_of, spoken_lines
from conversation_genome.llm.model import LanguageModel
from conversation_genome.privacy.masking import masked

REMEMBERED: Final = 4
CONTEXT_TAGS: Final = 8
"""Of the whole conversation, told beside a window."""
WHOLE_TO_WINDOW: Final = 2
"""Tags of the whole conversation to one of a window: what the ground truth asks for, so that it is read once."""
MAX_NAME_CHARACTERS: Final = 60
"""Of a name that may be long (`openai/meta-llama/...`): joined with another engine's it must fit into 100."""
Item = TypeVar("Item")
Result = TypeVar("Result")


class LlmEngine:
    """Tags and profiles from a language model; safe to call from several threads.

    Equal input gives equal output as long as the answers are kept; a model asked anew may say something else.
    """

    def __init__(
        self,
        model: LanguageModel,
        embedder: Embedder,
        *,
        segment_tokens: int,
        max_output_tokens: int,
        masks: bool = False,
    ) -> None:
        """Take the model and how much it reads at once.

        Args:
            model: What is asked.
            embedder: Tells which tags say the same, and which the talk bears out.
            segment_tokens: Tokens of a conversation in one call at most.
            max_output_tokens: Tokens of an answer at most.
            masks: Whether placeholders for personal data are sent in its place.
        """
        self._model = model
        self._embedder = embedder
        self._segment_tokens = segment_tokens
        self._max_output_tokens = max_output_tokens
        self._masks = masks
        self._masked: Recent[Conversation] = Recent(REMEMBERED)
        self._annotations: Recent[Annotation] = Recent(REMEMBERED)

    @property
    def name(self) -> str:
        """Provider, model and the version of the prompt."""
        return f"{self._model.name[: MAX_NAME_CHARACTERS - len(PROMPT_VERSION) - 1]}/{PROMPT_VERSION}"

    @property
    def model(self) -> LanguageModel:
        """What is asked: it counts what it was asked and what that cost."""
        return self._model

    def annotate(self, conversation: Conversation, *, max_tags: int = 20) -> Annotation:
        """Return the tags of the whole conversation, best first, and a profile of each participant who spoke.

        Raises:
            LlmError: If the model gives no answer that can be used; the cause is its subclass.
        """
        key = f"{max_tags}/{conversation.language}/{conversation.content_hash}"
        return self._annotations.get(key, lambda: self._annotation(conversation, min(max_tags, MAX_TAGS)))

    def annotate_windows(
        self, conversation: Conversation, windows: Sequence[Window], *, max_tags: int = 20
    ) -> list[tuple[Tag, ...]]:
        """Return the tags of each window, the model being told what the whole conversation is about.

        Raises:
            LlmError: If the model gives no answer that can be used; the cause is its subclass.
        """
        whole = self.annotate(conversation, max_tags=WHOLE_TO_WINDOW * max_tags)
        context = [tag.text for tag in whole.tags[:CONTEXT_TAGS]]
        return self._all(
            windows,
            lambda window: self._window_tags(conversation, window, context, min(max_tags, MAX_TAGS)),
        )

    def _annotation(self, conversation: Conversation, max_tags: int) -> Annotation:
        lines = self._lines(self._sendable(conversation), range(len(conversation.lines)))
        embedder = embedder_for(self._embedder, conversation.language)
        parts = list(parts_of(lines, max_tokens=self._segment_tokens))
        answers = self._all(parts, lambda part: self._read(part, max_tags))
        tags = [
            grounded_tags(answer.tags[:max_tags], part.lines, conversation.participants, embedder)
            for part, answer in zip(parts, answers, strict=True)
        ]
        facts = [
            fact
            for part, answer in zip(parts, answers, strict=True)
            for fact in grounded_facts(answer.facts, part.lines, embedder)
        ]
        return Annotation(
            tags=merged_tags(tags, embedder, max_tags=max_tags),
            profiles=merged_profiles(conversation, facts, (line.speaker for line in lines), embedder),
        )

    def _window_tags(
        self, conversation: Conversation, window: Window, context: Sequence[str], max_tags: int
    ) -> tuple[Tag, ...]:
        numbers = window.lines if window.lines is not None else range(window.start, window.end)
        parts = list(parts_of(self._lines(self._sendable(conversation), numbers), max_tokens=self._segment_tokens))
        embedder = embedder_for(self._embedder, conversation.language)
        tags = []
        for part in parts:
            prompt = window_prompt(part, context, max_tags=max_tags, max_output_tokens=self._max_output_tokens)
            answer = self._model.ask(prompt, GivenTags)
            tags.append(grounded_tags(answer.tags[:max_tags], part.lines, conversation.participants, embedder))
        return merged_tags(tags, embedder, max_tags=max_tags)

    def _read(self, part: Part, max_tags: int) -> GivenReading:
        prompt = reading_prompt(part, max_tags=max_tags, max_output_tokens=self._max_output_tokens)
        return self._model.ask(prompt, GivenReading)

    def _lines(self, conversation: Conversation, numbers: Sequence[int]) -> list[Spoken]:
        return spoken_lines(conversation, numbers, max_tokens=self._segment_tokens)

    def _sendable(self, conversation: Conversation) -> Conversation:
        """Return the talk as it may leave this machine; line numbers and speakers stay."""
        if not self._masks:
            return conversation
        return self._masked.get(conversation.content_hash, lambda: masked(conversation))

    def _all(self, items: Sequence[Item], ask: Callable[[Item], Result]) -> list[Result]:
        """Return what is said to each item, in their order; the first failure is raised and the rest not begun."""
        if len(items) < 2:
            return [ask(item) for item in items]
        with ThreadPoolExecutor(max_workers=min(len(items), self._model.at_once)) as pool:
            waiting = [pool.submit(ask, item) for item in items]
            try:
                return [one.result() for one in waiting]
            finally:
                pool.shutdown(wait=True, cancel_futures=True)
