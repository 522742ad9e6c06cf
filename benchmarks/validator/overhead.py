"""`python -m benchmarks.validator.overhead`: what the validator itself costs an answer, step by step, beside the embedding.

A talk that ships is played with answers of the real extractive engine, one edition a miner, through the validator's own
functions: what it does before it asks, what it does with what comes back, and what it keeps on the disk.
"""

import argparse
import random
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from conversation_genome.annotation import Hotkey, Outcome
from conversation_genome.client.miners import TASKS_PATH, Reply
from conversation_genome.conversation import TASK_LEVEL, Window
from conversation_genome.embedding.base import Embedder, EmbeddingModel, FloatArray
from conversation_genome.engines.loading import load_engine
from conversation_genome.protocol.messages import MinerAnswer, MinerTask
from conversation_genome.protocol.signing import MemoryNonceStore, Signer, verify
from conversation_genome.role import leave_what_is_loaded
from conversation_genome.tasks.registry import task_type
from conversation_genome.windowing.cutting import cut
from conversation_genome.windowing.settings import WindowingSettings
from tests_ap.examples import example_conversation, ready_embedder
from tests_ap.neurons import neuron
from validators.memory import Memory
from validators.store import StateStore
from validators.window_round import (
    GradedReply,
    GradedWindow,
    Leased,
    check_reply,
    divide_rewards,
    grade_replies,
    submission_of,
)

TALK = "podcast-orchid-smuggling.txt"
SECRET = bytes(32)
LEASE = "open and close the lease on the disk"


class TimedEmbedder:
    """An embedder that knows how long it took."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self.seconds = 0.0

    @property
    def model(self) -> EmbeddingModel:
        """The model of the embedder."""
        return self._embedder.model

    def embed(self, texts: Sequence[str]) -> FloatArray:
        """Return what the embedder returns."""
        started = time.thread_time()
        vectors = self._embedder.embed(texts)
        self.seconds += time.thread_time() - started
        return vectors


class Stopwatch:
    """Seconds of this thread's processor by step: what else the machine does tells nothing of the validator."""

    def __init__(self, embedder: TimedEmbedder) -> None:
        self._embedder = embedder
        self.seconds: defaultdict[str, list[float]] = defaultdict(list)

    @contextmanager
    def step(self, name: str, answers: int) -> Iterator[None]:
        """Time a step that so many answers share, less its embedding."""
        embedded, started = self._embedder.seconds, time.thread_time()
        yield
        spent = time.thread_time() - started
        embedding = self._embedder.seconds - embedded
        self.seconds[name].append((spent - embedding) / answers)
        if embedding:
            self.seconds["(embedding)"].append(embedding / answers)


def main() -> None:
    """Print the median milliseconds of the processor an answer, step by step."""
    arguments = _arguments()
    embedder = TimedEmbedder(ready_embedder())
    conversation = example_conversation(TALK)
    engine = load_engine("extractive", embedder)
    kind = task_type("conversation_tagging")
    windows = cut(conversation, WindowingSettings(boundaries="words"))
    truth = kind.generate(conversation, windows, engine)
    leased = Leased("lease", conversation, truth, kind)
    watch = Stopwatch(embedder)
    leave_what_is_loaded()
    with tempfile.TemporaryDirectory() as folder:
        memory = Memory(StateStore(Path(folder) / "state.json"), alpha=0.1)
        for number in range(arguments.rounds):
            asked = [one for one in windows if one.level == TASK_LEVEL]
            _lease(watch, leased, asked, arguments.miners, memory)
            for stretch, window in enumerate(asked):
                answers = _answers(leased, window, embedder, engine, arguments.miners, number)
                _play(watch, leased, window, answers, embedder, memory, stretch)
            with watch.step(LEASE, len(asked) * arguments.miners):
                memory.closed(leased.lease_id)
        memory.close()
    _print(watch, arguments.miners, arguments.rounds)


def _answers(
    leased: Leased, window: Window, embedder: Embedder, engine: object, miners: int, seed: int
) -> list[tuple[Hotkey, Window, MinerTask, bytes]]:
    """Return what each miner was shown and what it answers; tags are those of the engine, in part and reordered."""
    kind, chance = leased.task_type, random.Random(seed)
    hotkeys = [Hotkey(f"miner-{number}") for number in range(miners)]
    varied = kind.vary(leased.conversation, window, leased.ground_truth, hotkeys, SECRET)
    made: dict[tuple[int, ...] | None, MinerAnswer] = {}
    found = []
    for hotkey in hotkeys:
        shown = varied[hotkey]
        task = kind.mask(leased.conversation, shown, task_id=f"{hotkey}-{seed}", max_tags=20, timeout_seconds=10)
        whole = made.get(shown.lines)
        if whole is None:
            whole = made[shown.lines] = kind.run(task, engine, embedder)  # type: ignore[arg-type]
        keep = sorted(chance.sample(range(len(whole.tags)), max(1, len(whole.tags) - 2)))
        tags = tuple(whole.tags[at] for at in keep)
        vectors = whole.embeddings
        if vectors is not None:
            vectors = vectors.model_copy(update={"vectors": tuple(vectors.vectors[at] for at in keep)})
        answer = whole.model_copy(update={"task_id": task.task_id, "tags": tags, "embeddings": vectors})
        found.append((hotkey, shown, task, answer.model_dump_json().encode()))
    return found


def _lease(watch: Stopwatch, leased: Leased, asked: Sequence[Window], miners: int, memory: Memory) -> None:
    plan = [{window.id: tuple(Hotkey(f"miner-{number}") for number in range(miners))} for window in asked]
    with watch.step(LEASE, len(asked) * miners):
        memory.opened(leased.lease_id, leased.ground_truth, plan, None)


def _play(
    watch: Stopwatch,
    leased: Leased,
    window: Window,
    answers: Sequence[tuple[Hotkey, Window, MinerTask, bytes]],
    embedder: Embedder,
    memory: Memory,
    stretch: int,
) -> None:
    kind, signer, nonces = leased.task_type, Signer.from_uri("//validator"), MemoryNonceStore()
    count, graded = len(answers), []
    for uid, (hotkey, shown, task, body) in enumerate(answers):
        with watch.step("mask, write and sign the task", 1):
            kind.mask(leased.conversation, shown, task_id=task.task_id, max_tags=20, timeout_seconds=10)
            raw = task.model_dump_json().encode()
            headers = signer.headers(method="POST", path=TASKS_PATH, body=raw, receiver=signer.hotkey)
        with watch.step("verify a signature (the miner's side, for comparison)", 1):
            verify(headers, raw, method="POST", path=TASKS_PATH, receiver=signer.hotkey, nonces=nonces)
        with watch.step("check and unmask the answer", 1):
            reply = Reply(Outcome.SCORED, body, seconds=0.1)
            graded.append(check_reply(leased, shown, neuron(uid, hotkey), task, reply))
    with watch.step("score against the ground truth, compare for copies", count):
        settled: GradedWindow = grade_replies(leased, window, graded, embedder)
    with watch.step("divide the reward", count):
        (divided,) = divide_rewards([settled], memory.known_after([settled.evidence]))
    _keep(watch, leased, window, divided.replies, divided, memory, stretch)


def _keep(
    watch: Stopwatch,
    leased: Leased,
    window: Window,
    replies: Sequence[GradedReply],
    divided: GradedWindow,
    memory: Memory,
    stretch: int,
) -> None:
    with watch.step("write the submission", len(replies)):
        submissions = [submission_of(leased, window, reply) for reply in replies]
        for one in submissions:
            one.model_dump_json().encode()
    with watch.step("keep it on the disk, and move the averages", len(replies)):
        rewards = {reply.neuron.hotkey: reply.reward for reply in replies}
        memory.graded(leased.lease_id, stretch, [divided.evidence], [rewards], submissions)
        memory.handed_in(leased.lease_id, stretch)


def _print(watch: Stopwatch, miners: int, rounds: int) -> None:
    print(f"{miners} miners a window, {rounds} rounds\n\n| step | ms an answer, median | p95 |\n|---|---|---|")
    total = 0.0
    for name, seconds in watch.seconds.items():
        middle, high = statistics.median(seconds) * 1e3, sorted(seconds)[int(len(seconds) * 0.95)] * 1e3
        print(f"| {name} | {middle:.3f} | {high:.3f} |")
        if not name.startswith(("(", "verify")):
            total += middle
    print(f"| **the validator's own, together** | **{total:.2f}** | |")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.validator.overhead", description=__doc__)
    parser.add_argument("--miners", type=int, default=7, help="miners a window")
    parser.add_argument("--rounds", type=int, default=20, help="how often the talk is played")
    return parser.parse_args()


if __name__ == "__main__":
    main()
