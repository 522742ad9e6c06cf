"""The subnet's programmatic client without other processes: who is asked, what is sent, and that faults stay alone."""

import asyncio
import unittest
from collections.abc import AsyncIterator, Callable, Sequence

import httpx2

from conversation_genome.annotation import Outcome, Tag
from conversation_genome.api import Prepared, Response, TaggingApi, choose_miners
from conversation_genome.api.calling import MinerCalls
from conversation_genome.api.grading import GradedResponse, grade_responses
from conversation_genome.chain.base import Metagraph, Netuid, Neuron
from conversation_genome.conversation import Conversation, Window
from conversation_genome.embedding.base import FloatArray
from conversation_genome.errors import ConversationTooShortError, InputError, NotRegisteredError
from conversation_genome.protocol.messages import MAX_ANSWER_BYTES, MinerAnswer, MinerTask
from conversation_genome.protocol.signing import MemoryNonceStore, Signer, verify
from conversation_genome.tasks.registry import task_type
from tests_ap.examples import example_conversation, ready_embedder
from tests_ap.neurons import neuron
from tests_ap.unit.miner.tasks import a_task

CALLER, MINER = Signer.from_uri("//Caller"), Signer.from_uri("//Miner")
WINDOW = Window(conversation_id="talk", level=2, start=0, end=4)
TALK = "podcast-orchid-smuggling.txt"


def graph(*neurons: Neuron) -> Metagraph:
    return Metagraph(netuid=Netuid(33), block=5, epoch=1, epoch_ends=9, neurons=neurons)


class Choosing(unittest.TestCase):
    def setUp(self) -> None:
        paid = {"incentive": 0.5}
        self.poor = neuron(0, "poor").model_copy(update={"stake": 9.0})
        self.rich = neuron(1, "rich").model_copy(update=paid)
        self.away = neuron(2, "away").model_copy(update=paid | {"endpoint": None})
        self.judge = neuron(3, "judge").model_copy(update={"stake": 500.0, "validator_permit": True})
        self.graph = graph(self.poor, self.rich, self.away, self.judge)

    def names(self, **asked: object) -> list[str]:
        return [one.hotkey for one in choose_miners(self.graph, **asked)]

    def test_the_best_paid_that_serve_come_first_and_validators_last(self) -> None:
        self.assertEqual(self.names(), ["rich", "poor", "judge"])
        self.assertEqual(self.names(count=1), ["rich"])

    def test_stake_can_decide(self) -> None:
        self.assertEqual(self.names(by="stake"), ["poor", "rich", "judge"])

    def test_those_that_are_named_are_asked_in_their_order_once_each(self) -> None:
        self.assertEqual(self.names(hotkeys=["poor", "rich", "poor"]), ["poor", "rich"])

    def test_a_name_that_cannot_be_asked_is_refused(self) -> None:
        with self.assertRaisesRegex(NotRegisteredError, "not registered on subnet 33: nobody"):
            self.names(hotkeys=["rich", "nobody"])
        with self.assertRaisesRegex(InputError, "serve nowhere: away"):
            self.names(hotkeys=["away"])

    def test_a_subnet_in_which_nobody_serves_is_refused(self) -> None:
        with self.assertRaisesRegex(InputError, "no miner of subnet 33 serves at block 5"):
            choose_miners(graph(self.away))


async def bytes_of(content: bytes) -> AsyncIterator[bytes]:
    yield content


class Calling(unittest.IsolatedAsyncioTestCase):
    async def call(self, answer: Callable[[httpx2.Request], httpx2.Response], seconds: float = 2.0) -> Response:
        calls = MinerCalls(CALLER, at_once=2, at_once_per_miner=1)
        await calls._caller.aclose()
        calls._caller._http = httpx2.AsyncClient(transport=httpx2.MockTransport(answer), timeout=None)
        self.addAsyncCleanup(calls.aclose)
        miner = neuron(1, MINER.hotkey)
        return await calls.call(miner, WINDOW, a_task(timeout_seconds=seconds))

    async def test_each_try_is_signed_anew_for_the_miner_that_is_asked(self) -> None:
        nonces, senders = MemoryNonceStore(), []

        def answer(request: httpx2.Request) -> httpx2.Response:
            told = {"method": "POST", "path": "/v1/tasks", "receiver": MINER.hotkey, "nonces": nonces}
            senders.append(verify(request.headers, request.content, **told))
            if len(senders) == 1:
                raise httpx2.ReadError("closed")
            return httpx2.Response(200, content=bytes_of(b"yes"))

        response = await self.call(answer)
        self.assertEqual((response.outcome, response.body, senders), (Outcome.SCORED, b"yes", [CALLER.hotkey] * 2))

    async def test_what_a_miner_does_becomes_an_outcome(self) -> None:
        def lost(_: httpx2.Request) -> httpx2.Response:
            raise httpx2.ConnectError("refused")

        cases: dict[Outcome, Callable[[httpx2.Request], httpx2.Response]] = {
            Outcome.REFUSED: lambda _: httpx2.Response(503, content=bytes_of(b"busy")),
            Outcome.TOO_LARGE: lambda _: httpx2.Response(200, content=bytes_of(b" " * (MAX_ANSWER_BYTES + 1))),
            Outcome.UNREACHABLE: lost,
        }
        for outcome, answer in cases.items():
            with self.subTest(outcome):
                self.assertIs((await self.call(answer)).outcome, outcome)

    async def test_a_miner_that_is_silent_is_late(self) -> None:
        async def silent(_: httpx2.Request) -> httpx2.Response:
            await asyncio.sleep(30)
            return httpx2.Response(200)

        self.assertIs((await self.call(silent, seconds=0.05)).outcome, Outcome.LATE)


class Scripted:
    """Stands in for the calls: each miner answers by its name."""

    def __init__(self) -> None:
        self.tasks: list[MinerTask] = []

    async def call(self, miner: Neuron, shown: Window, task: MinerTask) -> Response:
        self.tasks.append(task)
        if miner.hotkey == "silent":
            await asyncio.sleep(60)
        texts = ["orchid smuggling", "customs officers"] if miner.hotkey in ("reader", "other") else ["anything"]
        answer = MinerAnswer(task_id=task.task_id, tags=tuple(Tag(text=text) for text in texts), engine="test/1")
        body = b'{"tags": null}' if miner.hotkey == "broken" else answer.model_dump_json().encode()
        return Response(miner, shown, task, Outcome.SCORED, body)

    async def aclose(self) -> None:
        pass


class Tagging(unittest.IsolatedAsyncioTestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.talk = example_conversation(TALK)

    async def asyncSetUp(self) -> None:
        self.api = TaggingApi(CALLER, ready_embedder())
        await self.api.aclose()
        self.calls = self.api._calls = Scripted()

    async def test_the_steps_of_the_template_give_what_the_call_gives(self) -> None:
        miners = [neuron(uid, name) for uid, name in enumerate(("reader", "broken"))]
        prepared: Prepared = self.api.prepare(self.talk)
        responses = await self.api.query(prepared, miners)
        by_steps, at_once = self.api.process_responses(prepared, responses), await self.api(self.talk, miners)
        self.assertEqual((by_steps.tags, by_steps.miners), (at_once.tags, at_once.miners))
        self.assertEqual(len(responses), 2 * len(prepared.asked))

    async def test_no_task_names_the_talk_or_who_takes_part_and_no_two_are_called_alike(self) -> None:
        await self.api.query(self.api.prepare(self.talk), [neuron(0, "reader"), neuron(1, "other")])
        sent = "".join(task.model_dump_json() for task in self.calls.tasks)
        self.assertNotIn(self.talk.id, sent)
        self.assertTrue(all(one.startswith("SPEAKER_") for task in self.calls.tasks for one in task.participants))
        self.assertEqual(len({task.task_id for task in self.calls.tasks}), len(self.calls.tasks))

    async def test_one_fault_changes_no_other_answer(self) -> None:
        alone = await self.api(self.talk, [neuron(0, "reader")])
        beside = await self.api(
            self.talk, [neuron(0, "reader"), neuron(1, "broken"), neuron(2, "silent")], deadline_seconds=1.0
        )
        self.assertEqual(beside.tags, alone.tags)
        outcomes = {one.hotkey: set(one.outcomes) for one in beside.miners}
        self.assertEqual(
            outcomes, {"reader": {Outcome.SCORED}, "broken": {Outcome.MALFORMED}, "silent": {Outcome.LATE}}
        )
        self.assertIn("not in when 1 s were over", beside.miners[-1].reasons)

    async def test_answers_are_graded_a_window_at_a_time_and_each_as_it_is_alone(self) -> None:
        prepared = self.api.prepare(self.talk)
        responses = await self.api.query(
            prepared, [neuron(uid, name) for uid, name in enumerate(("reader", "other", "x"))]
        )
        self.assertGreater(len({one.shown.lines for one in responses}), len(prepared.asked))
        asked = []

        class Counting:
            model = ready_embedder().model

            def embed(self, texts: Sequence[str]) -> FloatArray:
                asked.append(len(texts))
                return ready_embedder().embed(texts)

        def graded(some: Sequence[Response]) -> list[GradedResponse]:
            kind = task_type("conversation_tagging")
            return grade_responses(kind, prepared.conversation, prepared.ground_truth, some, Counting())

        together = graded(responses)
        self.assertEqual(len(asked), len(prepared.asked))
        self.assertEqual(together, [found for one in responses for found in graded([one])])
        self.assertGreater(max(one.scored.score for one in together), 0)

    async def test_where_nobody_answers_there_are_no_tags_and_every_window_is_unanswered(self) -> None:
        tagged = await self.api(self.talk, [neuron(0, "broken")])
        self.assertEqual((tagged.tags, tagged.unanswered), ((), len(self.api.prepare(self.talk).asked)))

    async def test_a_conversation_too_short_is_refused_before_anybody_is_asked(self) -> None:
        short = Conversation.from_record({"id": "x", "participants": ["a"], "lines": [[0, "hi"]]})
        with self.assertRaises(ConversationTooShortError):
            await self.api(short, [neuron(0, "reader")])
        self.assertEqual(self.calls.tasks, [])


if __name__ == "__main__":
    unittest.main()
