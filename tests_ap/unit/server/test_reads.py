"""Reading: pages, totals, tags, miners, search; and what is removed is gone."""

from contextlib import suppress

from conversation_genome.annotation import Outcome
from conversation_genome.errors import InputError, LeaseNotFoundError, NotFoundError, QueryError
from conversation_genome.protocol.reads import ConversationState
from tests_ap.unit.server.rig import WORDS, ServerCase, record, submission, tasks_of


class ReadingTest(ServerCase):
    async def test_pages_hold_every_conversation_once_and_the_totals_of_all(self) -> None:
        await self.admin.import_records([*(record(f"talk {number}") for number in range(7)), record("short", lines=2)])
        names, cursor = [], None
        while True:
            page = await self.admin.conversations(cursor=cursor, limit=3)
            names += [one.id for one in page.conversations]
            cursor = page.next_cursor
            if cursor is None:
                break
        self.assertEqual(names, [*(f"talk {number}" for number in range(7)), "short"])
        self.assertEqual(page.totals[ConversationState.WAITING], 7)
        self.assertEqual(page.totals[ConversationState.TOO_SHORT], 1)

    async def test_a_cursor_that_is_none_is_refused(self) -> None:
        for cursor in ("x", "-1", "9" * 40, "²"):
            with self.assertRaisesRegex(InputError, "no cursor"):
                await self.admin.conversations(cursor=cursor)

    async def test_a_conversation_shows_its_windows_with_their_tags(self) -> None:
        bundle = await self.completed()
        detail = await self.admin.conversation("first")
        by_id = {window.window_id: window for window in detail.windows}
        window = by_id[tasks_of(bundle)[0]]
        self.assertEqual(window.answers, 1)  # the other one earned nothing
        self.assertTrue(set(WORDS[:3]) & {tag.text for tag in window.tags})
        self.assertEqual((detail.miners, detail.validators), (2, 1))

    async def test_tags_are_counted_over_conversations(self) -> None:
        await self.completed(record("first"), record("second"))
        await self.completed()
        counts = {tag.text: tag.conversations for tag in (await self.admin.tags()).tags}
        self.assertEqual(counts["cheese"], 2)
        self.assertEqual([tag.text for tag in (await self.admin.tags(containing="CHEE")).tags], ["cheese"])
        self.assertEqual((await self.admin.tags(containing="%")).tags, ())

    async def test_what_is_not_there_is_not_found(self) -> None:
        with self.assertRaisesRegex(NotFoundError, "'nothing'"):
            await self.admin.conversation("nothing")
        with self.assertRaises(NotFoundError):
            await self.admin.delete("nothing")
        with self.assertRaises(NotFoundError):
            await self.admin.miner_answers("nobody")

    async def test_a_nul_in_an_id_is_a_fault_of_whoever_sends_it_on_every_database(self) -> None:
        asked = (
            self.admin.conversation("\x00"),
            self.admin.delete("a\x00b"),
            self.admin.miner_answers("5\x00"),
            self.admin.revoke_key("\x00"),
        )
        for one in asked:
            with suppress(InputError, NotFoundError):  # not there, or not to be asked for: both are told
                await one

    async def test_a_query_that_cannot_be_read_is_refused(self) -> None:
        with self.assertRaisesRegex(QueryError, "not closed"):
            await self.admin.search("(")

    async def test_a_miners_answers_are_paged_newest_first(self) -> None:
        bundle = await self.completed(record("first", lines=60))
        pages = [await self.admin.miner_answers("miner-0", limit=3)]
        while pages[-1].next_cursor is not None:
            pages.append(await self.admin.miner_answers("miner-0", cursor=pages[-1].next_cursor, limit=3))
        found = [answer.window_id for page in pages for answer in page.answers]
        self.assertEqual(found, tasks_of(bundle)[::-1])
        self.assertEqual([one.window_id for one in (await self.admin.all_miner_answers("miner-0")).answers], found)

    async def test_answers_under_a_lease_that_was_given_back_count_for_nothing(self) -> None:
        bundle = await self.leased()
        await self.alice.submit(submission(bundle, tasks_of(bundle)[0]))
        self.assertEqual((await self.admin.stats()).answers, {Outcome.SCORED: 1})
        await self.alice.release(bundle.lease_id)
        self.assertEqual((await self.admin.stats()).answers, {})
        self.assertEqual((await self.admin.miners()).miners, ())

    async def test_the_stats_follow_a_conversation(self) -> None:
        bundle = await self.leased()
        stats = await self.admin.stats()
        self.assertEqual((stats.tasks, stats.tasks_done), (len(tasks_of(bundle)), 0))
        await self.alice.release(bundle.lease_id)
        await self.completed()
        stats = await self.admin.stats()
        self.assertEqual(stats.tasks_done, stats.tasks)
        self.assertEqual((stats.miners, stats.conversations[ConversationState.PUBLISHED]), (2, 1))


class DeletionTest(ServerCase):
    async def test_a_conversation_is_removed_from_the_database_the_index_and_the_dataset(self) -> None:
        await self.completed(record("first"), record("second"))
        await self.completed()
        await self.admin.publish()
        deletion = await self.admin.delete("first")
        self.assertEqual(deletion.places, ("database", "vector store", "dataset"))
        self.assertEqual(list(self.index.records), ["second"])
        self.assertEqual((await self.admin.publications()).publications[0].conversations, 1)
        self.assertEqual([tag.conversations for tag in (await self.admin.tags()).tags][:1], [1])
        self.assertEqual(sum((await self.admin.stats()).answers.values()), 2)

    async def test_a_deleted_conversation_may_be_imported_again(self) -> None:
        await self.completed()
        await self.admin.delete("first")
        self.assertEqual((await self.admin.import_records([record("first")])).imported, 1)

    async def test_a_conversation_that_is_deleted_under_a_lease_ends_the_lease(self) -> None:
        bundle = await self.leased()
        await self.admin.delete("first")
        with self.assertRaises(LeaseNotFoundError):
            await self.alice.submit(submission(bundle, tasks_of(bundle)[0]))
