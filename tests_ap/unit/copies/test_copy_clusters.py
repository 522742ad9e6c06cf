"""Clusters share one reward, and the author keeps nearly all of it."""

import math
import unittest

from hypothesis import given, settings
from hypothesis import strategies as st

from conversation_genome.scoring.copies import Statement, clusters_of, compare, sources_of
from tests_ap.unit.copies.statements import LINES, THINGS, copier, reader

SOURCE = reader(0, 1)


class TestClusters(unittest.TestCase):
    def test_copiers_and_their_author_are_one_cluster_and_a_reader_stays_out(self) -> None:
        given = {
            "author": SOURCE,
            "first": copier(SOURCE, 2, 3),
            "second": copier(SOURCE, 4, 5),
            "reader": reader(6, 7),
        }
        (cluster,) = clusters_of(compare(LINES, given))
        self.assertEqual((cluster.members, cluster.author), (("author", "first", "second"), "author"))
        self.assertGreater(cluster.shares[0], 0.95)
        self.assertAlmostEqual(math.fsum(cluster.shares), 1.0)

    def test_whoever_copies_two_strangers_does_not_join_them(self) -> None:
        one, other = reader(0, 1), reader(2, 3)
        both = Statement(frozenset(LINES) - {4, 5}, THINGS)
        clusters = clusters_of(compare(LINES, {"one": one, "other": other, "copy": both}), {("copy", "one"): 9.0})
        self.assertEqual([len(cluster.members) for cluster in clusters], [2])

    def test_two_who_pool_their_lines_divide_one_reward_evenly(self) -> None:
        given = {
            "one": Statement(frozenset(LINES) - {0, 1}, THINGS, seconds=1.0),
            "other": Statement(frozenset(LINES) - {2, 3}, THINGS, seconds=1.0),
        }
        (cluster,) = clusters_of(compare(LINES, given))
        self.assertEqual(cluster.shares, (0.5, 0.5))

    def test_of_two_who_pool_their_lines_the_slower_gets_a_little_less(self) -> None:
        given = {
            "one": Statement(frozenset(LINES) - {0, 1}, THINGS, seconds=1.0),
            "other": Statement(frozenset(LINES) - {2, 3}, THINGS, seconds=2.0),
        }
        (cluster,) = clusters_of(compare(LINES, given))
        self.assertGreater(cluster.shares[0], cluster.shares[1])

    def test_a_known_copier_is_clustered_in_a_window_that_tells_nothing(self) -> None:
        evidence = compare(LINES, {"author": reader(), "copy": reader()})
        self.assertEqual(clusters_of(evidence), ())
        (cluster,) = clusters_of(evidence, {("copy", "author"): 8.0})
        self.assertEqual(cluster.author, "author")

    def test_a_known_copier_that_answers_for_itself_is_not_clustered(self) -> None:
        evidence = compare(LINES, {"author": reader(tags=4), "copy": Statement(frozenset(LINES), THINGS[5:])})
        self.assertEqual(clusters_of(evidence, {("copy", "author"): 8.0}), ())

    def test_no_answer_at_all_makes_no_cluster(self) -> None:
        self.assertEqual((clusters_of(compare(LINES, {})), sources_of(compare(LINES, {}))), ((), {}))

    @settings(max_examples=40, deadline=None)
    @given(
        st.dictionaries(
            st.text("abcd", min_size=1, max_size=2),
            st.tuples(st.frozensets(st.integers(0, 9)), st.frozensets(st.sampled_from(THINGS))),
            max_size=6,
        )
    )
    def test_clusters_never_overlap_and_their_shares_sum_to_one(
        self, answers: dict[str, tuple[frozenset[int], frozenset[str]]]
    ) -> None:
        given = {name: Statement(shown, tuple(tags)) for name, (shown, tags) in answers.items()}
        clusters = clusters_of(compare(LINES, given))
        members = [name for cluster in clusters for name in cluster.members]
        self.assertEqual(len(members), len(set(members)))
        for cluster in clusters:
            self.assertGreaterEqual(len(cluster.members), 2)
            self.assertAlmostEqual(math.fsum(cluster.shares), 1.0)
