"""What every VectorStore promises: one suite, run on each of them. No module of tests by itself."""

import threading
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conversation_genome.errors import VectorModelError, VectorStoreError
from conversation_genome.vector_store.base import Level, SearchFilter, VectorModel, outline_of
from conversation_genome.vector_store.conditions import (
    All,
    AnyOf,
    FieldIs,
    FieldName,
    Not,
    Word,
    holds,
)
from tests_ap.unit.vector_store.contract_records import (
    CONDITIONS,
    HOSTILE,
    LEAVES,
    record,
    varied_records,
    vector_of,
)


class VectorStoreContract:
    """Mixed into a TestCase that sets `self.store`."""

    def found(self, text, **arguments):
        return [match.record.conversation_id for match in self.store.search(vector_of(text), text, **arguments)]

    def test_an_empty_store_finds_nothing(self):
        self.assertEqual((self.store.search(vector_of("bread"), "bread"), self.store.count()), ([], 0))
        self.assertIsNone(self.store.model)

    def test_what_was_put_in_comes_out_as_it_was(self):
        original = record(
            title="On bread",
            source="podcast",
            language="en",
            started_at=datetime(2024, 5, 1, 12, 30, tzinfo=UTC),
            tags=("bread", "baking"),
            speakers=("Ann", "Bob"),
            sketch=b"\x00\xff",
        )
        self.store.upsert([original])
        match = self.store.search(original.vector, "bread")[0]
        self.assertEqual(match.record, original)
        np.testing.assert_array_equal(match.record.vector, original.vector)

    def test_the_same_id_again_replaces_the_record(self):
        self.store.upsert([record(text="fresh bread")])
        self.store.upsert([record(text="cold coffee"), record("c2", "jazz guitar")])
        self.assertEqual(self.store.count(), 2)
        self.assertEqual(self.store.search(None, "bread"), [])
        self.assertEqual([m.record.text for m in self.store.search(None, "coffee")], ["cold coffee"])

    def test_of_two_records_of_one_id_in_a_call_the_later_one_stays(self):
        self.store.upsert([record(text="fresh bread"), record(text="cold coffee")])
        self.assertEqual([m.record.text for m in self.store.search(vector_of("coffee"))], ["cold coffee"])

    def test_the_nearest_vector_is_first_and_its_cosine_is_told(self):
        self.store.upsert([record("c1", "fresh bread"), record("c2", "bread and butter"), record("c3", "jazz guitar")])
        matches = self.store.search(vector_of("fresh bread"))
        self.assertEqual(matches[0].record.conversation_id, "c1")
        self.assertAlmostEqual(matches[0].similarity, 1.0, places=5)
        self.assertEqual(sorted((m.similarity for m in matches), reverse=True), [m.similarity for m in matches])

    def test_texts_may_be_left_out_of_an_answer_and_asked_for_by_id(self):
        self.store.upsert([record("c1"), record("c2", "fresh tea\nand more"), record("c3", "\ud800")])
        [whole] = self.store.search(vector_of("tea"), "tea", limit=1)
        [found] = self.store.search(vector_of("tea"), "tea", limit=1, has_texts=False)
        self.assertIn(found.record.text, ("", whole.record.text))
        self.assertEqual(
            (found.record.id, found.score, found.word_score), (whole.record.id, whole.score, whole.word_score)
        )
        missing = record("never").id
        self.assertEqual(self.store.texts([whole.record.id, missing]), {whole.record.id: "fresh tea\nand more"})
        self.assertEqual(self.store.texts([]), {})

    def test_several_levels_asked_at_once_answer_as_each_asked_alone(self):
        self.store.upsert(varied_records())
        groups = {frozenset({Level.WINDOW}): 5, frozenset({Level.CONVERSATION}): 3, frozenset({Level.TAG}): 2}
        for filters in (SearchFilter(), SearchFilter(sources=frozenset({"chat"})), SearchFilter(where=Word("bread"))):
            for vector, text in ((vector_of("bread"), "bread"), (None, "brulee"), (vector_of("tea"), "")):
                alone = [
                    match
                    for levels, limit in groups.items()
                    for match in self.store.search(vector, text, filters=replace(filters, levels=levels), limit=limit)
                ]
                together = self.store.search_levels(vector, text, limits=groups, filters=filters)
                self.assertEqual(
                    [(match.record.id, match.score, match.word_score) for match in together],
                    [(match.record.id, match.score, match.word_score) for match in alone],
                )
        self.assertEqual(self.store.search_levels(vector_of("tea"), "tea", limits={}), [])

    def test_equal_records_come_in_order_of_their_ids_and_a_limit_cuts_them_there(self):
        same = [record(f"c{number}") for number in range(9)]
        self.store.upsert(same)
        ids = sorted(each.id for each in same)
        for limit in (1, 4, 9):
            for vector, text in ((vector_of("bread"), ""), (None, "bread"), (vector_of("bread"), "bread")):
                found = self.store.search(vector, text, limit=limit)
                self.assertEqual([match.record.id for match in found], ids[:limit])

    def test_words_alone_find_only_what_holds_them(self):
        self.store.upsert([record("c1", "fresh bread"), record("c2", "jazz guitar")])
        matches = self.store.search(None, "breads baked FRESHLY, fresh")
        self.assertEqual([m.record.conversation_id for m in matches], ["c1"])
        self.assertGreater(matches[0].word_score, 0)
        self.assertIsNone(matches[0].similarity)

    def test_a_rare_word_counts_more_than_a_common_one(self):
        self.store.upsert([record(f"c{n}", f"bread number {n}") for n in range(8)] + [record("rare", "zither lesson")])
        self.assertEqual(self.store.search(None, "bread zither")[0].record.conversation_id, "rare")

    def test_what_is_first_by_both_rankings_scores_one_and_is_first(self):
        self.store.upsert([record("c1", "fresh bread"), record("c2", "bread and butter"), record("c3", "jazz guitar")])
        matches = self.store.search(vector_of("fresh bread"), "fresh bread")
        self.assertEqual((matches[0].record.conversation_id, matches[0].score), ("c1", 1.0))

    def test_words_are_found_in_any_script_and_without_accents(self):
        texts = {"ja": "昨日は寿司を食べた", "fr": "Une crème brûlée", "ru": "Хлеб и чай", "de": "Die Straße"}
        self.store.upsert([record(key, text) for key, text in texts.items()])
        for key, query in {"ja": "寿司", "fr": "creme brulee", "ru": "ХЛЕБ", "de": "strasse"}.items():
            self.assertEqual([m.record.conversation_id for m in self.store.search(None, query)], [key], query)

    def test_stop_words_alone_look_for_meaning_alone(self):
        self.store.upsert([record("c1", "fresh bread")])
        self.assertEqual(self.store.search(None, "the and of"), [])
        self.assertEqual(self.found("the and of"), ["c1"])

    def test_no_more_than_the_limit_comes_back_and_it_is_the_best(self):
        self.store.upsert([record(f"c{n:02}", f"bread {n}") for n in range(70)])
        best = [m.record.id for m in self.store.search(vector_of("bread 7"), "bread 7", limit=60)]
        self.assertEqual(len(best), 60)
        self.assertEqual([m.record.id for m in self.store.search(vector_of("bread 7"), "bread 7", limit=3)], best[:3])

    def test_hostile_queries_and_texts_are_only_text(self):
        self.store.upsert([record(f"c{n}", text, tags=(text[:50],), title=text[:50]) for n, text in enumerate(HOSTILE)])
        for query in HOSTILE:
            self.store.search(vector_of(query), query, filters=SearchFilter(tag=query, sources=frozenset({query})))
            self.assertLessEqual(len(self.store.search(vector_of(query), query)), 10)
            self.assertEqual(self.store.delete(query), 0)
        self.assertEqual(self.store.count(), len(HOSTILE))

    def test_filters_by_level_conversation_source_and_language(self):
        self.store.upsert(
            [
                record("c1", level=Level.TAG, part="bread", source="podcast", language="en"),
                record("c1", level=Level.WINDOW, source="podcast", language="en"),
                record("c2", level=Level.TAG, part="bread", source="discord", language="fr"),
            ]
        )
        cases = {
            SearchFilter(levels=frozenset({Level.TAG})): 2,
            SearchFilter(levels=frozenset({Level.TAG, Level.WINDOW})): 3,
            SearchFilter(conversation_ids=frozenset({"c2"})): 1,
            SearchFilter(sources=frozenset({"podcast"})): 2,
            SearchFilter(languages=frozenset({"fr"}), levels=frozenset({Level.WINDOW})): 0,
            SearchFilter(): 3,
        }
        for filters, expected in cases.items():
            self.assertEqual(len(self.store.search(vector_of("bread"), "bread", filters=filters)), expected, filters)
            self.assertEqual(self.store.count(filters), expected, filters)

    def test_filters_by_tag_whole_and_in_any_case(self):
        self.store.upsert([record("c1", tags=("Crème brûlée", "it's tea")), record("c2", tags=("tea",))])
        for tag, expected in {"creme BRULEE": ["c1"], "it's tea": ["c1"], "tea": ["c2"], "te": []}.items():
            self.assertEqual(self.found("bread", filters=SearchFilter(tag=tag)), expected, tag)

    def test_filters_by_time_from_and_before(self):
        days = {f"c{day}": datetime(2024, 1, day, tzinfo=UTC) for day in (1, 2, 3)}
        self.store.upsert([record(key, started_at=day) for key, day in days.items()] + [record("undated")])
        between = SearchFilter(started_from=days["c2"], started_before=days["c3"])
        self.assertEqual(self.found("bread", filters=between), ["c2"])
        self.assertEqual(sorted(self.found("bread", filters=SearchFilter(started_from=days["c2"]))), ["c2", "c3"])

    def test_delete_removes_every_level_of_one_conversation(self):
        self.store.upsert([record("c1", level=Level.TAG, part="bread"), record("c1"), record("c2")])
        self.assertEqual((self.store.delete("c1"), self.store.delete("c1"), self.store.count()), (2, 0, 1))
        self.assertEqual(self.found("bread"), ["c2"])

    def test_replace_leaves_nothing_of_what_was_there(self):
        self.store.upsert([record("c1", level=Level.TAG, part="bread"), record("c1"), record("c2")])
        self.store.replace("c1", [record("c1", "cold coffee")])
        self.assertEqual(
            sorted(m.record.text for m in self.store.search(vector_of("tea"))), ["cold coffee", "fresh bread"]
        )
        self.store.replace("c1", [])
        self.assertEqual(self.store.count(), 1)

    def test_replace_refuses_a_record_of_another_conversation(self):
        with self.assertRaisesRegex(VectorStoreError, "'c2' cannot replace those of 'c1'"):
            self.store.replace("c1", [record("c2")])

    def test_vectors_of_another_model_are_refused_and_nothing_of_the_batch_is_kept(self):
        self.store.upsert([record("c1")])
        other = record("c3", model=VectorModel("hash", "2", 64))
        with self.assertRaisesRegex(VectorModelError, r"hash@1 .* this one is of hash@2"):
            self.store.upsert([record("c2"), other])
        with self.assertRaises(VectorModelError):
            self.store.replace("c1", [record("c1", model=other.model)])
        self.assertEqual(self.store.count(), 1)

    def test_two_models_in_the_first_batch_are_refused(self):
        with self.assertRaises(VectorModelError):
            self.store.upsert([record("c1"), record("c2", model=VectorModel("hash", "2", 64))])
        self.assertEqual(self.store.count(), 0)

    def test_vectors_that_are_no_unit_vectors_of_the_model_are_refused(self):
        for vector in (np.zeros(64, "f4"), np.full(64, np.nan, "f4"), np.ones(64, "f4"), vector_of("x")[:63]):
            with self.assertRaises(VectorModelError):
                self.store.upsert([record(vector=vector)])

    def test_a_query_of_other_dimensions_is_refused(self):
        self.store.upsert([record()])
        with self.assertRaisesRegex(VectorModelError, r"\(64,\), not \(3,\)"):
            self.store.search(np.array([1, 0, 0], "f4"))

    def test_no_records_change_nothing(self):
        self.store.upsert([])
        self.assertIsNone(self.store.model)

    def test_refresh_changes_no_answer(self):
        self.store.refresh()
        self.store.upsert([record(f"c{n}", f"bread number {n}") for n in range(30)])
        before = self.store.search(vector_of("bread 3"), "bread 3")
        self.store.refresh()
        after = self.store.search(vector_of("bread 3"), "bread 3")
        self.assertEqual([m.record.id for m in after], [m.record.id for m in before])

    def test_to_ask_how_the_index_does_changes_no_answer_and_loses_nothing(self):
        self.store.upsert(varied_records())
        self.store.refresh()
        filters = SearchFilter(sources=frozenset({"chat"}))
        before = [self.found("bread", filters=each) for each in (None, filters)]
        health = self.store.verify()
        self.assertEqual(health.records, self.store.count())
        self.assertTrue(all(recall is None or recall >= 0.95 for recall in (health.recall, health.filtered_recall)))
        self.assertEqual([self.found("bread", filters=each) for each in (None, filters)], before)

    def test_each_condition_passes_what_holds_says(self):
        records = varied_records()
        self.store.upsert(records)
        for leaf in LEAVES:
            for condition in (leaf, Not(leaf), All((leaf, Not(Word("tea")))), AnyOf((leaf, Word("best")))):
                self.assert_passes(records, condition)

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(CONDITIONS)
    def test_any_tree_of_conditions_passes_what_holds_says(self, condition):
        records = varied_records()
        if not self.store.count():
            self.store.upsert(records)
        self.assert_passes(records, condition)

    def assert_passes(self, records, condition):
        expected = {each.id for each in records if holds(condition, each)}
        filters = SearchFilter(where=condition)
        found = self.store.search(vector_of("bread"), "bread sushi", filters=filters, limit=50)
        self.assertEqual({match.record.id for match in found}, expected, condition)
        self.assertEqual(self.store.count(filters), len(expected), condition)

    def test_a_rare_condition_is_met_however_deep_its_records_lie(self):
        self.store.upsert([record(f"c{n}", f"bread {n}") for n in range(300)] + [record("far", "cold zither")])
        where = SearchFilter(where=Word("zither"))
        self.assertEqual(self.found("bread", filters=where), ["far"])

    def test_conditions_join_the_other_filters(self):
        self.store.upsert(varied_records())
        filters = SearchFilter(where=Word("bread"), sources=frozenset({"chat"}), levels=frozenset({Level.WINDOW}))
        found = self.store.search(vector_of("bread"), filters=filters, limit=50)
        self.assertEqual({(match.record.source, match.record.level) for match in found}, {("chat", Level.WINDOW)})

    def test_what_is_kept_of_a_conversation_comes_in_order_of_level_and_part(self):
        records = varied_records()
        self.store.upsert([*records, record("c3", level=Level.WINDOW, part="a")])
        kept = self.store.records_of("c3")
        self.assertEqual([(str(each.level), each.part) for each in kept][1:], [("window", "a"), ("window", "window")])
        self.assertEqual(kept[0], records[6])
        self.assertEqual([each.part for each in self.store.records_of("c3", frozenset({Level.TAG}))], [])
        self.assertEqual(self.store.records_of("nobody's"), [])

    def test_outlines_come_newest_first_and_go_on_after_one_of_them(self):
        records = varied_records()
        self.store.upsert(records)
        expected = sorted(map(outline_of, records[::2]), key=lambda outline: outline.place)
        everything = self.store.outlines()
        self.assertEqual(everything, expected)
        self.assertEqual([each.conversation_id for each in everything[:4]], ["c1", "c5", "c9", "c0"])
        self.assertEqual({each.started_at for each in everything[-3:]}, {None})
        pages, last = [], None
        while page := self.store.outlines(after=last, limit=5):
            pages, last = pages + page, page[-1]
        self.assertEqual(pages, expected)

    def test_outlines_are_only_of_what_passes(self):
        self.store.upsert(varied_records())
        filters = SearchFilter(where=FieldIs(FieldName.SPEAKER, "bob"), levels=frozenset({Level.WINDOW}))
        self.assertEqual({each.conversation_id for each in self.store.outlines(filters)}, {"c0", "c3", "c6", "c9"})

    def test_the_version_changes_with_every_write(self):
        seen = [self.store.version()]
        self.store.upsert([record("c1"), record("c2")])
        seen.append(self.store.version())
        self.store.replace("c1", [record("c1", "cold coffee")])
        seen.append(self.store.version())
        self.store.delete("c1")
        seen.append(self.store.version())
        self.assertEqual(len(set(seen)), 4)
        self.assertEqual(self.store.version(), seen[-1])

    def test_threads_write_and_search_at_once(self):
        faults = []

        def work(number):
            try:
                for turn in range(5):
                    self.store.replace(f"c{number}", [record(f"c{number}", f"bread {number} {turn}")])
                    self.found("bread")
            except Exception as exc:  # noqa: BLE001 - whatever it is, the test shows it
                faults.append(exc)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual((faults, self.store.count()), ([], 4))

    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz"), st.text(max_size=20)), max_size=12))
    def test_the_count_is_that_of_distinct_ids_whatever_is_upserted(self, items):
        self.setUp()
        for conversation_id, part, text in items:
            self.store.upsert([record(conversation_id, text, part=part)])
        self.assertEqual(self.store.count(), len({item[:2] for item in items}))
