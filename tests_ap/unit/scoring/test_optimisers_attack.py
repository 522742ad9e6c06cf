"""The fixed tags that a search over 20,000 words found to earn most stay worthless beside reading."""

import unittest
from statistics import fmean

from benchmarks.scoring.cases import DATA, service_cases, written_cases
from conversation_genome.scoring import Reference, ScoringWindow
from tests_ap.unit.embedding.model_fixture import real_embedder
from tests_ap.unit.scoring.windows import scores

FOUND = {
    "greedy": ("hotels", "attractions", "tickets", "ride", "hotel", "events", "booking", "reserve", "movies", "bus"),
    "evolved": ("locating", "batman", "cars", "book", "comedy", "ticket", "rides", "travel", "rap", "marvel", "genre"),
}


@unittest.skipUnless(DATA.is_dir(), f"the shared data is not at {DATA}")
class OptimisersAttackTests(unittest.TestCase):
    def test_fixed_tags_earn_under_a_quarter_of_an_honest_answer(self) -> None:
        cases = [*written_cases(), *list(service_cases())[:25]]
        found = [
            scores(
                {"honest": case.honest, **FOUND},
                real_embedder(),
                ScoringWindow(tuple(map(Reference, case.references)), case.lines),
            )
            for case in cases
        ]
        honest = fmean(item["honest"] for item in found)
        for name in FOUND:
            self.assertLess(fmean(item[name] for item in found), 0.25 * honest, name)


if __name__ == "__main__":
    unittest.main()
