"""Leases: one holder at a time, fenced off by the attempt, handed out again when they run out."""

import asyncio
from collections import Counter

from conversation_genome.errors import (
    InputError,
    LeaseError,
    LeaseExpiredError,
    LeaseHeldByAnotherError,
    LeaseNotFoundError,
)
from conversation_genome.protocol.reads import ConversationState
from tests_ap.unit.server.rig import ServerCase, record, submission, tasks_of, truth_of


class LeaseTest(ServerCase):
    async def test_nothing_is_leased_when_nothing_is_there(self) -> None:
        self.assertIsNone(await self.alice.lease())

    async def test_conversations_are_handed_out_in_the_order_of_their_import(self) -> None:
        await self.admin.import_records([record("b"), record("a"), record("c")])
        names, held = [], []
        while (bundle := await self.alice.lease(holding=held)) is not None:
            names.append(bundle.conversation["id"])
            held.append(bundle.lease_id)
        self.assertEqual(names, ["b", "a", "c"])

    async def test_a_bundle_carries_no_labels(self) -> None:
        await self.admin.import_records([record("first", labels={"mood": "a secret of the server"})])
        bundle = await self.alice.lease()
        assert bundle is not None
        self.assertNotIn("secret", bundle.model_dump_json())

    async def test_a_lease_that_the_holder_forgot_is_given_again_with_what_was_submitted(self) -> None:
        bundle = await self.leased()
        first = tasks_of(bundle)[0]
        await self.alice.submit(submission(bundle, first))
        again = await self.alice.lease()
        assert again is not None
        self.assertEqual((again.lease_id, again.attempt), (bundle.lease_id, 1))
        self.assertEqual(again.submitted, ((first, "miner-0"),))
        self.assertIsNone(await self.alice.lease(holding=[bundle.lease_id]))

    async def test_a_lease_that_ran_out_is_handed_out_again_and_its_late_holder_is_refused(self) -> None:
        bundle = await self.leased()
        self.assertIsNone(await self.bob.lease())
        self.clock.now += 60.0
        again = await self.bob.lease()
        assert again is not None
        self.assertEqual((again.attempt, again.conversation), (2, bundle.conversation))
        late = submission(bundle, tasks_of(bundle)[0])
        for refused in (
            self.alice.submit(late),
            self.alice.renew(bundle.lease_id),
            self.alice.release(bundle.lease_id),
            self.alice.complete(bundle.lease_id),
            self.alice.put_ground_truth(bundle.lease_id, truth_of(bundle)),
        ):
            with self.assertRaisesRegex(LeaseExpiredError, r"ran out at"):
                await refused
        self.assertEqual((await self.admin.stats()).answers, {})

    async def test_a_renewed_lease_lasts_a_full_term_from_then_on(self) -> None:
        bundle = await self.leased()
        self.clock.now += 50.0
        status = await self.alice.renew(bundle.lease_id)
        assert status.expires_at is not None
        self.assertEqual(status.expires_at.timestamp(), self.clock.now + 60.0)
        self.clock.now += 50.0
        self.assertIsNone(await self.bob.lease())

    async def test_a_released_conversation_is_free_at_once(self) -> None:
        bundle = await self.leased()
        for _ in range(2):
            self.assertEqual((await self.alice.release(bundle.lease_id)).state, "released")
        again = await self.bob.lease()
        assert again is not None
        self.assertEqual(again.attempt, 2)

    async def test_a_lease_of_another_validator_cannot_be_used(self) -> None:
        bundle = await self.leased()
        for refused in (
            self.bob.submit(submission(bundle, tasks_of(bundle)[0])),
            self.bob.renew(bundle.lease_id),
            self.bob.release(bundle.lease_id),
            self.bob.complete(bundle.lease_id),
            self.bob.put_ground_truth(bundle.lease_id, truth_of(bundle)),
        ):
            with self.assertRaises(LeaseHeldByAnotherError):
                await refused

    async def test_an_unknown_lease_is_not_found(self) -> None:
        with self.assertRaisesRegex(LeaseNotFoundError, "'nothing'"):
            await self.alice.renew("nothing")

    async def test_leases_that_are_asked_for_at_the_same_time_never_share_a_conversation(self) -> None:
        await self.admin.import_records([record(f"talk {number}") for number in range(20)])
        asked = [client.lease(holding=["none"]) for client in (self.alice, self.bob) for _ in range(1)]
        bundles = await asyncio.gather(*asked)
        names = Counter(bundle.conversation["id"] for bundle in bundles if bundle)
        self.assertEqual(set(names.values()), {1})

    async def test_a_validator_that_knows_no_task_type_of_ours_is_told_so(self) -> None:
        with self.assertRaisesRegex(InputError, "conversation_tagging"):
            await self.alice.lease(task_types=["painting"])


class GroundTruthTest(ServerCase):
    async def test_it_must_cover_every_window_that_miners_are_asked_about(self) -> None:
        bundle = await self.leased(record("first", lines=30))
        truth = truth_of(bundle)
        without = {name: tags for name, tags in truth.windows.items() if name != tasks_of(bundle)[1]}
        with self.assertRaisesRegex(InputError, tasks_of(bundle)[1]):
            await self.alice.put_ground_truth(bundle.lease_id, truth.model_copy(update={"windows": without}))

    async def test_it_must_not_name_windows_that_are_not_there(self) -> None:
        bundle = await self.leased()
        truth = truth_of(bundle)
        strange = truth.windows | {"strange": ()}
        with self.assertRaisesRegex(InputError, "strange"):
            await self.alice.put_ground_truth(bundle.lease_id, truth.model_copy(update={"windows": strange}))

    async def test_it_may_be_stored_again_and_changed_until_the_first_answer(self) -> None:
        bundle = await self.leased()
        await self.alice.put_ground_truth(bundle.lease_id, truth_of(bundle))
        await self.alice.put_ground_truth(bundle.lease_id, truth_of(bundle, "another"))
        await self.alice.submit(submission(bundle, tasks_of(bundle)[0]))
        await self.alice.put_ground_truth(bundle.lease_id, truth_of(bundle, "another"))
        with self.assertRaisesRegex(LeaseError, "another ground truth"):
            await self.alice.put_ground_truth(bundle.lease_id, truth_of(bundle))


class CompletionTest(ServerCase):
    async def test_a_window_that_no_miner_was_asked_about_holds_it_up(self) -> None:
        bundle = await self.leased(record("first", lines=30))
        await self.alice.submit(submission(bundle, tasks_of(bundle)[0]))
        with self.assertRaisesRegex(InputError, "no submission"):
            await self.alice.complete(bundle.lease_id)
        totals = (await self.admin.stats()).conversations
        self.assertEqual(totals[ConversationState.LEASED], 1)

    async def test_it_may_be_asked_for_twice(self) -> None:
        bundle = await self.completed()
        self.assertEqual((await self.alice.complete(bundle.lease_id)).state, "completed")

    async def test_a_completed_conversation_is_not_handed_out_again(self) -> None:
        await self.completed()
        self.clock.now += 1_000.0
        self.assertIsNone(await self.bob.lease())

    async def test_each_windows_reward_is_divided_by_the_servers_scores(self) -> None:
        bundle = await self.completed(record("first", lines=30))
        good = (await self.admin.all_miner_answers("miner-0")).answers
        bad = (await self.admin.all_miner_answers("miner-1")).answers
        self.assertEqual([answer.reward for answer in good], [1.0] * len(tasks_of(bundle)))
        self.assertEqual([answer.reward for answer in bad], [0.0] * len(tasks_of(bundle)))
        self.assertGreater(good[0].standing or 0.0, bad[0].standing or 0.0)
