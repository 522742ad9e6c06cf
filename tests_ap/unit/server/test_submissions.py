"""Submissions: scored by the server itself, stored once, acknowledged once they are stored."""

import asyncio
from typing import Any
from unittest import mock

import httpx2

from conversation_genome.annotation import Outcome
from conversation_genome.errors import InputError
from conversation_server.services.grading import EXPECTED_CHARACTERS, CaseText, Grader, Material
from tests_ap.unit.server.rig import ALICE, SERVER, URL, ServerCase, record, submission, tasks_of, truth_of


class SubmissionTest(ServerCase):
    async def test_the_receipt_carries_the_servers_own_score_and_reasons(self) -> None:
        bundle = await self.leased()
        receipt = await self.alice.submit(submission(bundle, tasks_of(bundle)[0], score=0.0))
        self.assertGreater(receipt.score, 0.5)
        self.assertTrue(receipt.reasons)
        self.assertFalse(receipt.agrees)
        self.assertEqual((await self.admin.stats()).disagreements, 1)

    async def test_a_claim_that_is_right_within_rounding_agrees(self) -> None:
        bundle = await self.leased()
        window_id = tasks_of(bundle)[0]
        score = (await self.alice.submit(submission(bundle, window_id))).score
        for miner, claim, agrees in (("a", score, True), ("b", score - 9e-7, True), ("c", score - 2e-6, False)):
            receipt = await self.alice.submit(submission(bundle, window_id, miner, score=claim))
            self.assertEqual(receipt.agrees, agrees, claim)

    async def test_the_same_answer_again_changes_nothing_and_gets_the_first_receipt(self) -> None:
        bundle = await self.leased()
        first = submission(bundle, tasks_of(bundle)[0])
        receipt = await self.alice.submit(first)
        again = await self.alice.submit(first.model_copy(update={"answer": None, "outcome": Outcome.LATE}))
        self.assertEqual(again, receipt.model_copy(update={"is_duplicate": True}))
        self.assertEqual((await self.admin.stats()).answers, {Outcome.SCORED: 1})

    async def test_the_same_answer_at_the_same_time_is_stored_once(self) -> None:
        bundle = await self.leased()
        one = submission(bundle, tasks_of(bundle)[0])
        receipts = await asyncio.gather(*(self.alice.submit(one) for _ in range(6)))
        self.assertEqual(len({receipt.submission_id for receipt in receipts}), 1)
        self.assertEqual(sum(not receipt.is_duplicate for receipt in receipts), 1)

    async def test_answers_that_come_in_together_get_the_scores_that_they_get_alone(self) -> None:
        bundle = await self.leased(record("first", lines=24))
        answers = [
            submission(bundle, window_id, f"miner-{number}", words=words)
            for window_id in tasks_of(bundle)
            for number, words in enumerate((("cheese",), ("glacier", "violin"), ("nothing like it",)))
        ]
        together = await asyncio.gather(*(self.alice.submit(one) for one in answers))
        embedder = self.server.tools.embedder
        case = self.server.grader.newest(bundle.lease_id).case
        for one, receipt in zip(answers, together, strict=True):
            alone = case.scores(case.window(one.window_id), [one.answer], embedder)[0]
            self.assertEqual((receipt.score, receipt.reasons), (alone.score, alone.reasons))

    async def test_one_that_is_refused_does_not_touch_those_that_come_in_with_it(self) -> None:
        bundle = await self.leased()
        window_id = tasks_of(bundle)[0]
        bad = [submission(bundle, window_id, "bad", answer=None), submission(bundle, "no such window", "bad")]
        good = [submission(bundle, window_id, f"good-{number}") for number in range(4)]
        strange = submission(bundle, window_id, "strange").model_copy(update={"lease_id": "no such lease"})
        jobs = [self.alice.submit(one) for one in (good[0], *bad, good[1], strange, *good[2:])]
        outcomes = await asyncio.gather(*jobs, return_exceptions=True)
        self.assertEqual(sum(isinstance(one, Exception) for one in outcomes), 3)
        self.assertEqual((await self.admin.stats()).answers, {Outcome.SCORED: 4})

    async def test_a_ground_truth_that_was_replaced_is_noticed_and_read_anew(self) -> None:
        bundle = await self.leased()
        window_id = tasks_of(bundle)[0]
        with self.assertRaises(InputError):  # the case is read; nothing is stored
            await self.alice.submit(submission(bundle, window_id, answer=None))
        before = self.server.grader.newest(bundle.lease_id)
        await self.alice.put_ground_truth(bundle.lease_id, truth_of(bundle, "opera", "orchard", "origami"))
        receipt = await self.alice.submit(submission(bundle, window_id, words=("opera", "orchard", "origami")))
        self.assertGreater(receipt.score, 0.5)
        self.assertNotEqual(self.server.grader.newest(bundle.lease_id).key, before.key)

    async def test_the_first_answer_is_graded_without_asking_the_database_for_its_case(self) -> None:
        await self.admin.import_records([record("first")])
        bundle = await self.alice.lease()
        assert bundle is not None
        await self.alice.put_ground_truth(bundle.lease_id, truth_of(bundle))
        asked = []
        transact = self.server.database.transact

        async def watched(work: Any, *, is_write: bool) -> Any:
            asked.append(is_write)
            return await transact(work, is_write=is_write)

        with mock.patch.object(self.server.database, "transact", watched):
            await self.alice.submit(submission(bundle, tasks_of(bundle)[0]))
        self.assertEqual(asked, [True])

    async def test_of_cases_that_no_answer_came_for_only_so_many_are_kept(self) -> None:
        grader = Grader(self.server.tools)
        text = CaseText("conversation_tagging", "r" * (EXPECTED_CHARACTERS // 3), "w", "g")
        for number in range(5):
            grader.expect(Material((f"lease {number}", "digest"), text))
        kept = [number for number in range(5) if grader.newest(f"lease {number}") is not None]
        self.assertEqual(kept, [3, 4])

    async def test_a_replayed_submission_is_refused_by_another_process_too(self) -> None:
        bundle = await self.leased()
        body = submission(bundle, tasks_of(bundle)[0]).model_dump_json().encode()
        headers = ALICE.headers(method="POST", path="/v1/submissions", body=body, receiver=SERVER.hotkey)
        for expected in (201, 401):
            async with httpx2.AsyncClient(base_url=URL, transport=httpx2.ASGITransport(app=self.app)) as http:
                response = await http.post("/v1/submissions", content=body, headers=headers)
            self.assertEqual(response.status_code, expected)
            await self.life.aclose()
            await self.start()

    async def test_the_receipt_is_still_given_after_completion(self) -> None:
        bundle = await self.completed()
        receipt = await self.alice.submit(submission(bundle, tasks_of(bundle)[0]))
        self.assertTrue(receipt.is_duplicate)

    async def test_an_answer_that_was_not_scored_earns_nothing_and_keeps_its_reason(self) -> None:
        bundle = await self.leased()
        late = submission(
            bundle, tasks_of(bundle)[0], outcome=Outcome.LATE, detail="no answer within 10 s", answer=None
        )
        receipt = await self.alice.submit(late)
        self.assertEqual((receipt.score, receipt.reasons, receipt.agrees), (0.0, ("no answer within 10 s",), True))

    async def test_a_score_for_an_answer_that_never_came_is_a_disagreement(self) -> None:
        bundle = await self.leased()
        gift = submission(bundle, tasks_of(bundle)[0], outcome=Outcome.LATE, answer=None, score=0.9)
        self.assertFalse((await self.alice.submit(gift)).agrees)

    async def test_what_cannot_be_scored_is_refused(self) -> None:
        bundle = await self.leased()
        whole = next(window.window_id for window in bundle.windows if window.level == 0)
        for refused, reason in (
            (submission(bundle, "no such window"), "no such window"),
            (submission(bundle, whole), "no window of this lease"),
            (submission(bundle, tasks_of(bundle)[0], answer=None), "must carry the answer"),
        ):
            with self.assertRaisesRegex(InputError, reason):
                await self.alice.submit(refused)

    async def test_an_answer_before_the_ground_truth_is_refused(self) -> None:
        await self.admin.import_records([record("first")])
        bundle = await self.alice.lease()
        assert bundle is not None
        with self.assertRaisesRegex(InputError, "no ground truth"):
            await self.alice.submit(submission(bundle, tasks_of(bundle)[0]))

    async def test_answers_outlive_a_restart_of_the_server(self) -> None:
        bundle = await self.leased()
        receipt = await self.alice.submit(submission(bundle, tasks_of(bundle)[0]))
        await self.life.aclose()
        await self.start()
        again = await self.validator(ALICE).submit(submission(bundle, tasks_of(bundle)[0]))
        self.assertEqual((again.submission_id, again.is_duplicate), (receipt.submission_id, True))


class ShownTest(ServerCase):
    """What a miner was shown of a window comes with its answer."""

    async def test_lines_that_are_no_greater_part_of_the_window_in_order_are_refused(self) -> None:
        bundle = await self.leased()
        window = next(one for one in bundle.windows if one.level == 2)
        own = tuple(range(window.start, window.end))
        for shown in ((), own[:1], own[::-1], (*own, 999), (*own[:-1], own[-2])):
            with self.subTest(shown), self.assertRaisesRegex(InputError, "'shown' must name more than half"):
                await self.alice.submit(submission(bundle, window.window_id, shown=shown))

    async def test_an_answer_is_scored_by_the_lines_that_were_shown(self) -> None:
        bundle = await self.leased()
        window = next(one for one in bundle.windows if one.level == 2)
        own = tuple(range(window.start, window.end))
        receipt = await self.alice.submit(submission(bundle, window.window_id, shown=own[1:]))
        again = await self.alice.submit(submission(bundle, window.window_id, shown=own[2:]))
        self.assertGreater(receipt.score, 0)
        self.assertEqual(again, receipt.model_copy(update={"is_duplicate": True}))
