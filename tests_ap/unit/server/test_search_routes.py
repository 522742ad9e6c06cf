"""What is found rather than listed, asked over HTTP by the client."""

import httpx2

from conversation_genome.errors import NotFoundError, QueryError
from conversation_genome.protocol.finding import SearchSort, Stretch
from conversation_genome.search.index import ConversationIndex
from conversation_genome.testing.embedder import HashEmbedder
from conversation_genome.vector_store.by_model import ExactVectorStores
from tests_ap.unit.search.talks import TALKS, merged
from tests_ap.unit.server.rig import KEY, URL, ServerCase


class SearchRoutesTest(ServerCase):
    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        index = ConversationIndex(ExactVectorStores(), HashEmbedder())
        for conversation_id in TALKS:
            index.upsert(merged(conversation_id))
        index.upsert(merged("a/b", ["vet"], ["The vet plays quiet music to our anxious dog."]))
        object.__setattr__(self.server.tools, "index", index)

    async def test_a_query_is_answered_page_by_page(self) -> None:
        first = await self.admin.search("bed vet", limit=1)
        assert first.next_cursor is not None
        second = await self.admin.search("bed vet", limit=1, cursor=first.next_cursor)
        self.assertNotEqual(first.hits[0].conversation_id, second.hits[0].conversation_id)
        self.assertEqual((first.sort, first.is_changed), (SearchSort.RELEVANCE, False))

    async def test_the_words_that_were_asked_for_are_marked(self) -> None:
        hit = (await self.admin.search("sourdough")).hits[0]
        quote = hit.passages[0].quotes[0]
        self.assertEqual([quote.text[start:end] for start, end in quote.marks], ["sourdough"])
        self.assertEqual(hit.snippet, quote.text)

    async def test_conditions_narrow_and_a_wrong_one_is_refused_with_the_column(self) -> None:
        hits = (await self.admin.search("vet -tag:vet", sort=SearchSort.DATE)).hits
        self.assertNotIn("dog", [hit.conversation_id for hit in hits])
        with self.assertRaisesRegex(QueryError, "column 5 of the query"):
            await self.admin.search("vet )")

    async def test_a_cursor_that_is_none_is_refused(self) -> None:
        with self.assertRaisesRegex(QueryError, "is no cursor"):
            await self.admin.search("vet", cursor="nonsense")

    async def test_similar_conversations_are_found_whatever_the_id(self) -> None:
        found = await self.admin.similar("a/b")
        self.assertEqual((found.conversation_id, found.hits[0].conversation_id), ("a/b", "dog"))
        with self.assertRaisesRegex(NotFoundError, "'nobody'"):
            await self.admin.similar("nobody")

    async def test_tags_have_neighbours_and_a_course(self) -> None:
        found = await self.admin.tag_neighbours("VET")
        self.assertEqual((found.conversations, found.neighbours[0].tag), (2, "anxious dog"))
        with self.assertRaisesRegex(NotFoundError, "'nothing'"):
            await self.admin.tag_neighbours("nothing")
        trends = await self.admin.tag_trends(stretch=Stretch.WEEK, tag="vet")
        self.assertEqual((trends.undated, trends.named[0].tag), (5, "vet"))

    async def test_how_often_an_answer_was_remembered_is_measured(self) -> None:
        for _ in range(3):
            await self.admin.search("vet")
        async with httpx2.AsyncClient(base_url=URL, transport=httpx2.ASGITransport(app=self.app)) as client:
            body = (await client.get("/metrics", headers={"authorization": f"Bearer {KEY}"})).text
        self.assertIn('cgp_searches{answered_by="memory"} 2.0', body)
        self.assertIn('cgp_searches{answered_by="stores"} 1.0', body)
