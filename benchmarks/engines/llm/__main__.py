"""`python -m benchmarks.engines.llm`: what a real small model costs and how little of it is kept; plumbing, no quality.

Each talk is read twice: the second time every answer comes from the cache.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from conversation_genome.conversation import Conversation
from conversation_genome.engines.llm.answers import GivenReading
from conversation_genome.engines.llm.engine import LlmEngine
from conversation_genome.engines.llm.loading import load_llm_engine
from conversation_genome.engines.llm.prompts import reading_prompt
from conversation_genome.engines.llm.transcript import parts_of, spoken_lines
from conversation_genome.errors import LlmError
from conversation_genome.llm_settings import LlmSettings
from tests_ap.environment import ROOT
from tests_ap.examples import ready_embedder
from tests_ap.local_llm import served_model

DATA = ROOT.parent / "shared" / "data"
SETS = ("chat_topicalchat", "segmentation_tiage", "task_taskmaster4")
MAX_TAGS = 8
PART_TOKENS = 600


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--talks", type=int, default=2, help="talks of each set")
    with served_model() as url, tempfile.TemporaryDirectory() as folder:
        for name, talk in talks(parser.parse_args().talks):
            report(name, talk, url, Path(folder))


def talks(count: int) -> Iterator[tuple[str, Conversation]]:
    for name in SETS:
        with (DATA / f"{name}.jsonl").open(encoding="utf-8") as file:
            for line, _ in zip(file, range(count), strict=False):
                yield name, Conversation.from_record(json.loads(line))


def report(name: str, talk: Conversation, url: str, folder: Path) -> None:
    engine = engine_at(url, folder)
    started = time.perf_counter()
    try:
        read = engine.annotate(talk, max_tags=MAX_TAGS)
    except LlmError as exc:
        print(f"{name:20} {len(talk.lines):3} lines  {exc.code}")
        return
    seconds = time.perf_counter() - started
    counters, given = engine.model.counters, given_tags(engine, talk)
    again = engine_at(url, folder)
    again.annotate(talk, max_tags=MAX_TAGS)
    kept = ", ".join(tag.text for tag in read.tags)
    print(
        f"{name:20} {len(talk.lines):3} lines  {counters.requests} calls  {counters.usage.input_tokens:5} tokens in  "
        f"{counters.usage.output_tokens:4} out  {seconds:5.1f} s  again {again.model.counters.requests} calls  "
        f"tags {given} given, {len(read.tags)} kept: {kept}"
    )


def engine_at(url: str, folder: Path) -> LlmEngine:
    settings = LlmSettings(
        openai_base_url=url,
        openai_model="smollm2-135m",
        llm_folder=folder,
        llm_temperature=0.0,
        llm_max_output_tokens=1_500,
        llm_segment_tokens=PART_TOKENS,
        llm_call_seconds=300.0,
        llm_attempt_seconds=300.0,
        llm_concurrency=1,
    )
    engine = load_llm_engine("openai", ready_embedder(), settings, extractive=no_fallback)
    assert isinstance(engine, LlmEngine)
    return engine


def given_tags(engine: LlmEngine, talk: Conversation) -> int:
    """Return how many tags the model gave, from the cache."""
    lines = spoken_lines(talk, range(len(talk.lines)), max_tokens=PART_TOKENS)
    prompts = (
        reading_prompt(part, max_tags=MAX_TAGS, max_output_tokens=1_500)
        for part in parts_of(lines, max_tokens=PART_TOKENS)
    )
    return sum(len(engine.model.ask(prompt, GivenReading).tags) for prompt in prompts)


def no_fallback() -> LlmEngine:
    raise AssertionError


if __name__ == "__main__":
    main()
