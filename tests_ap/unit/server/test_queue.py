"""The queue: sources take turns, what fails again and again is set aside, and several validators may grade one talk."""

import asyncio
from typing import Any, ClassVar

from conversation_genome.annotation import Outcome
from conversation_genome.client import ConversationServerClient
from conversation_genome.protocol.messages import Bundle
from conversation_genome.protocol.reads import ConversationState
from tests_ap.unit.server.rig import ALICE, BOB, ServerCase, record, submission, tasks_of, truth_of


class TurnsTest(ServerCase):
    async def names(self) -> list[str]:
        """Lease all that is there and return the ids in the order in which they came."""
        names, held = [], []
        while (bundle := await self.alice.lease(holding=held)) is not None:
            names.append(bundle.conversation["id"])
            held.append(bundle.lease_id)
        return names

    async def test_a_small_source_that_comes_late_does_not_wait_for_a_large_one(self) -> None:
        await self.admin.import_records([record(f"podcast {number}", source="podcast") for number in range(5)])
        await self.admin.import_records([record(f"chat {number}", source="chat") for number in range(2)])
        expected = ["podcast 0", "chat 0", "podcast 1", "chat 1", "podcast 2", "podcast 3", "podcast 4"]
        self.assertEqual(await self.names(), expected)

    async def test_a_source_that_was_away_gets_no_credit_for_it(self) -> None:
        await self.admin.import_records([record("chat", source="chat")])
        await self.admin.import_records([record(f"early {number}", source="podcast") for number in range(4)])
        for _ in range(5):
            await self._finish()
        late = [record(f"{kind} {number}", source=kind) for kind in ("podcast", "chat") for number in range(2)]
        await self.admin.import_records(late)
        self.assertEqual(await self.names(), ["podcast 0", "chat 0", "podcast 1", "chat 1"])

    async def _finish(self) -> None:
        bundle = await self.alice.lease()
        assert bundle is not None
        await grade(self.alice, bundle)


class QuarantineTest(ServerCase):
    settings: ClassVar[dict[str, Any]] = {"server_max_failures": 2}

    async def state(self) -> tuple[ConversationState, str]:
        summary = (await self.admin.conversation("first")).summary
        return summary.state, summary.detail

    async def test_a_conversation_whose_leases_run_out_again_and_again_is_set_aside(self) -> None:
        await self.admin.import_records([record("first"), record("second")])
        for _ in range(2):
            bundle = await self.alice.lease()
            assert bundle is not None
            self.assertEqual(bundle.conversation["id"], "first")
            self.clock.now += 61.0
        bundle = await self.alice.lease()
        assert bundle is not None
        self.assertEqual(bundle.conversation["id"], "second")
        expected = (ConversationState.QUARANTINED, "2 leases in a row were not completed; they ran out")
        self.assertEqual(await self.state(), expected)
        self.assertEqual((await self.admin.stats()).conversations[ConversationState.QUARANTINED], 1)

    async def test_the_reason_that_a_validator_gave_is_kept(self) -> None:
        await self.admin.import_records([record("first")])
        for validator in (self.alice, self.bob):
            bundle = await validator.lease()
            assert bundle is not None
            await validator.release(bundle.lease_id, reason="line 3 has 5 MB & more")
        self.assertIsNone(await self.alice.lease())
        state, detail = await self.state()
        self.assertEqual(state, ConversationState.QUARANTINED)
        self.assertIn("line 3 has 5 MB & more", detail)

    async def test_giving_back_without_a_reason_is_no_failure(self) -> None:
        await self.admin.import_records([record("first")])
        for _ in range(4):
            bundle = await self.alice.lease()
            assert bundle is not None
            await self.alice.release(bundle.lease_id)

    async def test_a_completion_wipes_the_slate_clean(self) -> None:
        await self.admin.import_records([record("first")])
        bundle = await self.alice.lease()
        assert bundle is not None
        await self.alice.release(bundle.lease_id, reason="a hiccup")
        bundle = await self.alice.lease()
        assert bundle is not None
        await grade(self.alice, bundle)
        self.assertEqual((await self.admin.conversation("first")).summary.detail, "")


class SeveralValidatorsTest(ServerCase):
    settings: ClassVar[dict[str, Any]] = {
        "server_validators_per_conversation": 2,
        "server_grading_patience_seconds": 600.0,
    }

    async def test_no_validator_gets_a_conversation_twice(self) -> None:
        await self.admin.import_records([record("first")])
        await grade(self.alice, await self._leased_by(self.alice))
        self.assertIsNone(await self.alice.lease())
        self.assertEqual((await self._leased_by(self.bob)).conversation["id"], "first")

    async def test_it_is_merged_when_the_last_of_them_is_done_and_says_how_far_they_agree(self) -> None:
        await self.admin.import_records([record("first")])
        await grade(self.alice, await self._leased_by(self.alice))
        self.assertFalse(await self.server.merger.merge_next())
        await grade(self.bob, await self._leased_by(self.bob))
        self.assertTrue(await self.server.merger.merge_next())
        detail = await self.admin.conversation("first")
        self.assertEqual((detail.validators, len(detail.agreements)), (2, 1))
        agreement = detail.agreements[0]
        self.assertEqual(set(agreement.validators), {ALICE.hotkey, BOB.hotkey})
        self.assertAlmostEqual(agreement.tags, 1.0, places=5)
        self.assertEqual((agreement.score_difference, agreement.answers), (0.0, 1))
        standing = (await self.admin.validators()).validators[0]
        self.assertAlmostEqual(standing.tag_agreement or 0.0, 1.0, places=5)

    async def test_validators_that_hold_other_things_true_agree_less(self) -> None:
        await self.admin.import_records([record("first")])
        await grade(self.alice, await self._leased_by(self.alice))
        await grade(self.bob, await self._leased_by(self.bob), "something", "else")
        await self.server.merger.merge_next()
        self.assertLess((await self.admin.conversation("first")).agreements[0].tags, 0.5)

    async def test_where_no_second_one_comes_it_is_merged_after_a_while(self) -> None:
        await self.admin.import_records([record("first")])
        await grade(self.alice, await self._leased_by(self.alice))
        self.clock.now += 601.0
        self.server.merger.wake()
        for _ in range(200):
            if (await self.admin.stats()).conversations[ConversationState.PUBLISHED]:
                return
            await asyncio.sleep(0.01)
        self.fail("it was not merged")

    async def _leased_by(self, validator: ConversationServerClient) -> Bundle:
        bundle = await validator.lease()
        assert bundle is not None
        return bundle


class FlagTest(ServerCase):
    async def test_a_validator_whose_claims_are_not_our_scores_is_flagged(self) -> None:
        await self.admin.import_records([record("first"), record("second")])
        for validator, claim in ((self.alice, 0.0), (self.bob, 0.123)):
            bundle = await validator.lease()
            assert bundle is not None
            await grade(validator, bundle, outcome=Outcome.LATE, answer=None, score=claim)
        flags = {one.hotkey: (one.is_flagged, one.disagreements) for one in (await self.admin.validators()).validators}
        self.assertEqual(flags, {ALICE.hotkey: (False, 0), BOB.hotkey: (True, 1)})


async def grade(validator: ConversationServerClient, bundle: Bundle, *truth: str, **fields: Any) -> None:
    """Hold something true, hand in one answer a window (claiming that it scored 0), and complete."""
    await validator.put_ground_truth(bundle.lease_id, truth_of(bundle, *truth))
    for window_id in tasks_of(bundle):
        await validator.submit(submission(bundle, window_id, **fields))
    await validator.complete(bundle.lease_id)
