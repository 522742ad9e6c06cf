"""The pages: each shows what it promises, escapes what strangers wrote, and reads no whole table."""

import html
import re
from typing import Any

from sqlalchemy import event

from conversation_genome.annotation import Outcome
from conversation_genome.protocol.administration import KeyRequest, Scope
from conversation_server.services import asked, browsing, standing
from conversation_server.services.keys import BOOTSTRAP
from conversation_server.web.rendering import PAGES, highlighted
from tests_ap.unit.server.rig import KEY, OnPostgreSQL, record, submission, tasks_of
from tests_ap.unit.server.web_rig import WebCase

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{7*7}}\u202e"


def hostile_record() -> dict[str, Any]:
    made = record("hostile", source=HOSTILE, participants=[HOSTILE, "Bo"], labels={HOSTILE: HOSTILE})
    made["id"] = f"{HOSTILE}/../?a=b#c"
    made["lines"][3][1] += HOSTILE  # a talk that consists of such things is not handed out
    return made


def text_of(page: str) -> str:
    """Return what a page says, without its marks."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())


class PagesTest(WebCase):
    async def test_the_overview_counts_what_waits_and_what_came_in(self) -> None:
        bundle = await self.leased(record("first"), record("second"))
        await self.alice.submit(submission(bundle, tasks_of(bundle)[0]))
        await self.alice.submit(
            submission(bundle, tasks_of(bundle)[0], "miner-1", outcome=Outcome.LATE, answer=None, detail="too slow")
        )
        said = text_of(await self.page())
        self.assertIn("1 waiting for a validator", self.facts(await self.page()))
        self.assertIn("1 in validators' hands", self.facts(await self.page()))
        for part in ("The newest 2 answers", "late 1", "claimed scores that are not ours 1", "Held now Conversation"):
            self.assertIn(part, said)

    async def test_conversations_are_narrowed_by_state_source_language_and_text(self) -> None:
        await self.admin.import_records(
            [record("one", source="here"), record("two", source="there", language="fr"), record("three", lines=2)]
        )
        for query, names in (
            ({}, {"one", "two", "three"}),
            ({"state": "waiting"}, {"one", "two"}),
            ({"source": "here"}, {"one"}),
            ({"language": "fr"}, {"two"}),
            ({"text": "TOLD TWO"}, {"two"}),
            ({"text": "%"}, set()),
            ({"state": "too_short", "source": "here"}, set()),
        ):
            self.assertEqual(self.ids(await self.page("/conversations", **query)), names, query)
        self.assertEqual((await self.http.get("/console/conversations?state=asleep")).status_code, 422)
        self.assertEqual((await self.http.get("/console/conversations?cursor=x")).status_code, 422)

    async def test_pages_of_conversations_hold_each_once_even_where_nothing_is_indexed(self) -> None:
        await self.admin.import_records([record(f"talk {n}", source="ab"[n % 2]) for n in range(9)])
        scanned, page = browsing.SCANNED, browsing.PAGE
        self.addCleanup(setattr, browsing, "SCANNED", scanned)
        self.addCleanup(setattr, browsing, "PAGE", page)
        browsing.SCANNED, browsing.PAGE = 3, 2
        for query, expected in (("", 9), ("source=a", 5)):
            found, address = [], f"/console/conversations?{query}"
            while address:
                text = (await self.http.get(address)).text
                found += sorted(self.ids(text))
                onward = re.search(r'href="([^"]*)" rel="next"', text)
                address = html.unescape(onward[1]) if onward else ""
            self.assertEqual((len(found), len(set(found))), (expected, expected))

    async def test_a_conversation_shows_lines_windows_tags_profiles_quality_and_every_answer_with_its_reasons(
        self,
    ) -> None:
        bundle = await self.completed(record("first", lines=40))
        window = tasks_of(bundle)[1]
        page = await self.page("/conversations/first", window=window)
        said = text_of(page)
        for part in ("What it is about", "Boring Index", "Profiles", "number 39.", f"Window {window}", "covers "):
            self.assertIn(part, said)
        self.assertIn("Quality of the lines", page)
        self.assertEqual(page.count('class="line1"'), 2)
        self.assertEqual(len(set(re.findall(r"\?window=([^&\"]+)", page))), len(tasks_of(bundle)))

    async def test_a_reader_without_the_administrators_key_sees_no_labels_and_no_answers(self) -> None:
        await self.completed(record("first", labels={"topic": "a label"}))
        self.assertIn("a label", await self.page("/conversations/first"))
        made = await self.server.keys.create(KeyRequest(name="reader", scopes=(Scope.READ,)), BOOTSTRAP)
        self.http = self.browser()
        await self.log_in(self.http, made.key)
        page = await self.page("/conversations/first")
        self.assertNotIn("a label", page)
        self.assertNotIn('class="line1"', page)
        self.assertNotIn("Delete this conversation", page)

    async def test_miners_are_ranked_and_each_has_a_history_with_the_parts_of_its_scores(self) -> None:
        await self.completed()
        board = await self.page("/miners")
        self.assertLess(board.index("miner-0"), board.index("miner-1"))
        page = await self.page("/miners/miner-0")
        for part in ("Scores, oldest first. score: mean", "coverage: mean", "precision: mean"):
            self.assertIn(part, page)
        self.assertEqual((await self.http.get("/console/miners/nobody")).status_code, 404)

    async def test_a_validator_that_misreports_is_flagged_with_both_scores(self) -> None:
        await self.completed()
        page = await self.page("/validators")
        self.assertIn('<span class="badge flag">flagged</span>', page)
        self.assertIn("0.0000", page)

    async def test_a_hit_leads_to_what_is_like_it_and_to_its_tags(self) -> None:
        await self.completed()
        found = await self.page("/search", q="cheese", sort="date")
        for link in ("/console/search/similar/", "/console/search/tags/cheese"):
            self.assertIn(f'href="{link}', found)
        tag = await self.page("/search/tags/cheese")
        self.assertIn("A tag of", tag)
        self.assertIn("Conversations with the tag", tag)
        self.assertIn("Rising", await self.page("/search/trends", stretch="month"))
        identity = re.search(r'href="/console(/search/similar/[^"]*)"', found)
        assert identity is not None
        self.assertIn("Like", await self.page(identity[1]))

    async def test_what_cannot_be_found_is_said(self) -> None:
        await self.completed()
        for path, status in (
            ("/search/similar/nothing", 404),
            ("/search/tags/nothing", 404),
            ("/search/trends?stretch=x", 422),
        ):
            response = await self.http.get(f"/console{path}")
            self.assertEqual(response.status_code, status, path)

    async def test_search_tells_how_much_the_index_finds_and_when_that_was_measured(self) -> None:
        self.assertNotIn("nearest in meaning", await self.page("/search"))
        await self.completed(record("first"))
        shown = await self.page("/search")
        said = text_of(shown)
        self.assertIn("the index of 1 record (all-MiniLM-L6-v2) finds 97.1 %", said)
        self.assertIn("93.4 % within one source; measured", said)
        self.assertIn('<strong class="bad">93.4', shown)
        self.assertNotIn("nearest in meaning", await self.page("/search", q="cheese"))

    async def test_search_marks_the_words_that_were_sought_and_explains_what_it_cannot_read(self) -> None:
        await self.completed()
        self.assertIn("<mark>cheese</mark>", await self.page("/search", q="cheese"))
        response = await self.http.get("/console/search", params={"q": "("})
        self.assertEqual(response.status_code, 422)
        self.assertIn("is not closed", response.text)

    async def test_the_publish_button_publishes_and_is_written_down(self) -> None:
        await self.completed()
        self.assertEqual((await self.send("/publications")).status_code, 303)
        self.assertIn("1 publication", text_of(await self.page("/publications")))
        self.assertIn("dataset.publish", text_of(await self.page("/keys")))

    async def test_settings_show_values_and_no_secret(self) -> None:
        page = await self.page("/settings")
        self.assertIn("CGP_SERVER_LEASE_SECONDS", page)
        self.assertIn("60.0", page)
        self.assertNotIn(self.server.tools.settings.server_admin_key_sha256.get_secret_value(), page)
        self.assertIn("********", page)

    async def test_a_key_is_shown_once_works_and_is_taken_back(self) -> None:
        made = await self.send("/keys", name=HOSTILE, scopes="read", days="7")
        found = re.search(r'class="secret">(cgp_([0-9a-f]{12})_[^<]+)<', made.text)
        assert found is not None
        self.assertNotIn(found[1], await self.page("/keys"))
        self.assertEqual((await self.server.keys.check(found[1])).scopes, {Scope.READ})
        rotated = await self.send("/keys/rotate", id=found[2])
        self.assertIn('class="secret">cgp_', rotated.text)
        self.assertEqual((await self.send("/keys/revoke", id=found[2])).status_code, 303)
        self.assertIn("revoked", text_of(await self.page("/keys")))
        self.assertEqual((await self.send("/keys", name="none", days="7")).status_code, 422)

    async def test_a_deletion_removes_the_conversation_and_shows_a_receipt(self) -> None:
        await self.completed()
        receipt = await self.send("/conversations/delete", id="first")
        self.assertEqual(receipt.status_code, 200)
        self.assertIn("first Removed from the database, the vector store", text_of(receipt.text))
        self.assertEqual((await self.http.get("/console/conversations/first")).status_code, 404)
        self.assertEqual((await self.send("/conversations/delete", id="first")).status_code, 404)

    async def test_what_strangers_wrote_is_escaped_on_every_page(self) -> None:
        bundle = await self.leased(hostile_record())
        for window_id in tasks_of(bundle):
            await self.alice.submit(submission(bundle, window_id, HOSTILE, words=(HOSTILE[:60], "cheese")))
            await self.alice.submit(
                submission(bundle, window_id, "late", outcome=Outcome.LATE, answer=None, detail=HOSTILE)
            )
        await self.alice.complete(bundle.lease_id)
        while await self.server.merger.merge_next():
            pass
        await self.send("/keys", name=HOSTILE, scopes="read")
        listing = await self.page("/conversations")
        link = re.search(r'class="id" href="([^"]*)"', listing)
        assert link is not None
        shown = {"conversation": (await self.http.get(html.unescape(link[1]))).text, "list": listing}
        for name, _, address, _ in PAGES:
            shown[name] = await self.page(address)
        miner = re.search(r'class="key" href="(/console/miners/[^"]*)"', shown["miners"])
        assert miner is not None
        shown["miner"] = (await self.http.get(html.unescape(miner[1]))).text
        shown["search"] = await self.page("/search", q=HOSTILE)
        shown["problem"] = (await self.http.get("/console/conversations/" + HOSTILE.replace("/", "%2F"))).text
        for name, page in shown.items():
            self.assertNotIn("<script>", page, name)
            self.assertNotIn("<img", page, name)
            self.assertNotIn(" onerror=alert(2)>", page, name)
            self.assertNotIn("49", re.findall(r"\{\{7\*7\}\}|(?<=&gt;)49", page), name)
        self.assertIn("What miners answered", text_of(shown["conversation"]))

    async def test_no_page_reads_more_answers_than_its_bound(self) -> None:
        await self.completed(record("first", lines=60))
        for module, name in ((standing, "ANSWERS"), (asked, "ANSWERS")):
            self.addCleanup(setattr, module, name, getattr(module, name))
            setattr(module, name, 3)
        statements: list[str] = []
        for engine in (self.server.database._direct, self.server.database._engine.sync_engine):
            if engine is not None:
                event.listen(engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
        for path in ("", "/miners", "/validators", "/conversations", "/conversations/first", "/miners/miner-0"):
            await self.page(path)
        reading = [one for one in statements if "FROM submissions" in one]
        self.assertTrue(reading)
        self.assertEqual([one for one in reading if "LIMIT" not in one], [])
        self.assertRegex(text_of(await self.page("/miners")), r"scored: (1 1|2 2) .*scored: (1 1|2 2) ")

    def test_highlighting_escapes_everything_but_its_own_marks(self) -> None:
        marked = highlighted("<b>cheese</b> & Cheesecake", "cheese <b>")
        self.assertEqual(str(marked), "&lt;b&gt;<mark>cheese</mark>&lt;/b&gt; &amp; <mark>Cheesecake</mark>")

    def ids(self, page: str) -> set[str]:
        return {html.unescape(name) for name in re.findall(r'class="id" href="[^"]*">([^<]*)<', page)}

    def facts(self, page: str) -> list[str]:
        return [f"{value} {name}" for name, value in re.findall(r"<div[^>]*><dt>([^<]*)</dt><dd>([^<]*)</dd>", page)]


class PagesOnPostgreSQLTest(OnPostgreSQL, WebCase):
    async def test_every_page_is_made_on_postgresql_too(self) -> None:
        await self.completed(record("first", lines=40))
        await self.leased(record("second"))
        for path in [address for _, _, address, _ in PAGES]:
            await self.page(path)
        await self.page("/conversations", text="told", source="test", language="en")
        await self.page("/conversations/first")
        await self.page("/miners/miner-0")
        self.assertEqual((await self.log_in(self.browser(), KEY)).status_code, 303)


class ScorePartsTest(WebCase):
    async def test_the_parts_are_found_in_what_the_scoring_really_says(self) -> None:
        bundle = await self.leased()
        receipt = await self.alice.submit(submission(bundle, tasks_of(bundle)[0]))
        parts = asked.parts_of(receipt.reasons)
        assert parts.coverage is not None
        assert parts.precision is not None
        self.assertGreater(parts.coverage, 0.5)
        self.assertGreater(parts.precision, 0.5)
        self.assertIsNone(parts.shared)

    def test_a_copy_and_the_one_that_was_copied_are_told_apart(self) -> None:
        said = "shares one reward with 1 other answer, of which it gets {}: between them they name the same"
        self.assertEqual(asked.parts_of([said.format("100%")]).shared, 1.0)
        self.assertEqual(asked.parts_of([said.format("0%")]).shared, 0.0)


del OnPostgreSQL
