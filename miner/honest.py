"""The honest behaviour: reads the window with the configured engine; the only module that loads the models."""

from contextlib import ExitStack
from typing import Final

from conversation_genome.annotation import Hotkey
from conversation_genome.embedding.base import Embedder
from conversation_genome.embedding.loading import load_embedder
from conversation_genome.embedding.work import logged_work
from conversation_genome.engines.base import Engine
from conversation_genome.engines.loading import load_engine
from conversation_genome.protocol.messages import MinerAnswer, MinerTask
from conversation_genome.settings import MinerSettings
from conversation_genome.tasks.registry import task_type
from miner.answer_log import AnswerLog
from miner.behaviours import Behaviour

QUICK: Final = "extractive-light"
"""What reads where there is no time: by form and frequency alone, without a look at the meaning."""
PART_LINES: Final = 16
"""Lines that are read for a part of an answer: what a talk's length may cost is bounded by them."""
_FIRST_TASK: Final = MinerTask(
    task_id="first",
    task_type="conversation_tagging",
    participants=("SPEAKER_0", "SPEAKER_1"),
    lines=((0, "Which boots do you take to the mountains?"), (1, "Old leather boots, and dry socks for the hut.")),
    timeout_seconds=60,
)


class Honest:
    """Runs the task's type with an engine and an embedder, and logs its answers if it is asked to."""

    def __init__(
        self,
        engine: Engine,
        embedder: Embedder,
        *,
        max_tags: int,
        concurrency: int = 4,
        log: AnswerLog | None = None,
        on_close: ExitStack | None = None,
        quick: Engine | None = None,
    ) -> None:
        self.concurrency = concurrency
        self._engine = engine
        self._quick = quick
        self._embedder = embedder
        self._max_tags = max_tags
        self._log = log
        self._on_close = on_close or ExitStack()

    @property
    def has_parts(self) -> bool:
        """Whether there is an engine for when there is no time for the other one."""
        return self._quick is not None

    def answer(self, task: MinerTask) -> MinerAnswer:
        """Return tags, profiles and the tags' vectors; never more tags than either side allows.

        Raises:
            InputError: If there is no such task type.
        """
        return self._answered(task, self._engine)

    def part(self, task: MinerTask) -> MinerAnswer:
        """Return what the quick engine finds in the first lines.

        Raises:
            InputError: If there is no such task type.
        """
        return self._answered(task.model_copy(update={"lines": task.lines[:PART_LINES]}), self._quick or self._engine)

    def reload(self, settings: MinerSettings) -> None:
        """Answer by other settings from the next task on, with the models that are there.

        Raises:
            LlmKeyMissingError: If the engine asks a language model and there is no key; then nothing has changed.
        """
        engine, quick = _engines(settings, self._embedder)
        self._engine, self._quick = engine, quick
        self._max_tags, self.concurrency = settings.miner_max_tags, settings.miner_concurrency

    def close(self) -> None:
        """Close the answer log, and do what else was asked for the end."""
        self._on_close.close()
        if self._log is not None:
            self._log.close()

    def _answered(self, task: MinerTask, engine: Engine) -> MinerAnswer:
        bounded = task.model_copy(update={"max_tags": min(task.max_tags, self._max_tags)})
        answer = task_type(task.task_type).run(bounded, engine, self._embedder)
        if self._log is not None:
            self._log.append(task, answer)
        return answer


def behaviour(settings: MinerSettings, hotkey: Hotkey) -> Behaviour:  # noqa: ARG001 -- every behaviour's loader is called alike
    """Return the honest behaviour with its models loaded and used once, so that the first task is not late.

    Raises:
        ModelUnavailableError: If the model's files are missing or differ from the pinned ones.
    """
    embedder = load_embedder(
        settings.models_path,
        threads=settings.embedding_threads,
        cache_entries=settings.embedding_cache_entries,
        device=settings.embedding_device,
    )
    engine, quick = _engines(settings, embedder)
    on_close = ExitStack()
    on_close.enter_context(logged_work(embedder))
    return Honest(
        engine,
        embedder,
        max_tags=settings.miner_max_tags,
        concurrency=settings.miner_concurrency,
        log=AnswerLog(settings.miner_answer_log) if settings.miner_answer_log else None,
        on_close=on_close,
        quick=quick,
    )


def _engines(settings: MinerSettings, embedder: Embedder) -> tuple[Engine, Engine | None]:
    """Return the engine of the settings, and the quick one where that is another; both were used once."""
    engine = load_engine(settings.miner_engine, embedder, settings)
    task_type(_FIRST_TASK.task_type).run(_FIRST_TASK, engine, embedder)
    if settings.miner_engine == QUICK:
        return engine, None
    quick = load_engine(QUICK, embedder, settings)
    task_type(_FIRST_TASK.task_type).run(_FIRST_TASK, quick, embedder)
    return engine, quick
