"""Where a conversation is cut."""

import unittest
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from conversation_genome.conversation import Conversation, Utterance, Window
from conversation_genome.errors import ConversationTooShortError
from conversation_genome.windowing.cutting import cut
from conversation_genome.windowing.settings import WindowingSettings
from conversation_genome.windowing.tokens import token_count

BOUNDS = WindowingSettings(boundaries="words")
TEXTS = st.lists(
    st.sampled_from(
        [
            "yes",
            "",
            "the goats climb",
            "a rocket flies",
            "x" * 3_000,
            "山に登る",
            "goats eat goats",
            "rocket fuel " * 90,
        ]
    ),
    min_size=1,
    max_size=150,
)


def talk(*texts: str) -> Conversation:
    lines = tuple(Utterance(speaker=number % 2, text=text) for number, text in enumerate(texts))
    return Conversation(id="talk", participants=("Ann", "Ben"), lines=lines)


def level(windows: tuple[Window, ...], number: int) -> list[Window]:
    return [window for window in windows if window.level == number]


class CuttingTest(unittest.TestCase):
    @settings(max_examples=60, deadline=None)
    @given(TEXTS)
    def test_every_window_lies_in_one_segment_and_every_line_with_text_in_a_window(self, texts: list[str]) -> None:
        if sum(bool(text) for text in texts) < BOUNDS.min_lines:
            return
        windows = cut(talk(*texts), BOUNDS)
        segments = level(windows, 1)
        covered = {line for window in level(windows, 2) for line in range(window.start, window.end)}
        self.assertLessEqual({number for number, text in enumerate(texts) if text}, covered)
        for window in level(windows, 2):
            parents = [part for part in segments if part.start <= window.start and window.end <= part.end]
            self.assertEqual(len(parents), 1)

    @settings(max_examples=60, deadline=None)
    @given(TEXTS)
    def test_windows_keep_their_bounds_in_lines_and_tokens(self, texts: list[str]) -> None:
        if sum(bool(text) for text in texts) < BOUNDS.min_lines:
            return
        for window in level(cut(talk(*texts), BOUNDS), 2):
            count = window.end - window.start
            self.assertLessEqual(count, BOUNDS.window_lines + BOUNDS.window_overlap + 1)
            if count > 1:
                self.assertLessEqual(sum(map(token_count, texts[window.start : window.end])), BOUNDS.window_tokens)

    def test_level_zero_is_the_whole(self) -> None:
        windows = cut(talk(*["goats climb"] * 30), BOUNDS)
        self.assertEqual([(w.start, w.end) for w in level(windows, 0)], [(0, 30)])

    def test_neighbouring_windows_of_a_segment_share_two_lines(self) -> None:
        windows = level(cut(talk(*["goats climb"] * 30), BOUNDS), 2)
        self.assertEqual([(w.start, w.end) for w in windows], [(0, 10), (8, 18), (16, 26), (24, 30)])

    def test_a_small_remainder_joins_the_window_before_it(self) -> None:
        windows = level(cut(talk(*["goats climb"] * 13), BOUNDS), 2)
        self.assertEqual([(w.start, w.end) for w in windows], [(0, 13)])

    def test_a_single_huge_line_gives_a_valid_window(self) -> None:
        bounds = WindowingSettings(boundaries="words", min_lines=1)
        windows = cut(talk("x" * 100_000), bounds)
        self.assertEqual([(w.level, w.start, w.end) for w in windows], [(0, 0, 1), (1, 0, 1), (2, 0, 1)])

    def test_long_lines_make_short_windows(self) -> None:
        windows = level(cut(talk(*["a word and " * 214] * 8), BOUNDS), 2)
        self.assertTrue(all(w.end - w.start <= 3 for w in windows))
        self.assertTrue(all(after.end > before.end for before, after in pairwise(windows)))

    def test_too_few_lines_with_text_are_refused(self) -> None:
        with self.assertRaisesRegex(ConversationTooShortError, "'talk' has 3 lines with text.* from 4 on"):
            cut(talk("a", " ", "b", "", "c"), BOUNDS)

    def test_a_change_of_words_is_a_change_of_segment(self) -> None:
        goats = ["goats climb steep cliffs", "cliffs feed goats", "steep cliffs suit goats"] * 5
        rockets = ["rocket engines burn fuel", "fuel feeds engines", "rocket fuel burns"] * 5
        segments = level(cut(talk(*goats, *rockets), BOUNDS), 1)
        self.assertEqual([(w.start, w.end) for w in segments], [(0, 15), (15, 30)])

    def test_equal_content_is_cut_equally(self) -> None:
        texts = [f"goats number {number % 7} climb" for number in range(90)]
        self.assertEqual(cut(talk(*texts), BOUNDS), cut(talk(*texts), BOUNDS))

    def test_segments_are_bounded_in_lines(self) -> None:
        segments = level(cut(talk(*["goats climb"] * 1_000), BOUNDS), 1)
        self.assertLessEqual(max(w.end - w.start for w in segments), BOUNDS.segment_max_lines)
        self.assertGreaterEqual(min(w.end - w.start for w in segments), BOUNDS.segment_min_lines)


class BoundsTest(unittest.TestCase):
    def test_an_overlap_as_large_as_the_window_is_refused(self) -> None:
        with self.assertRaisesRegex(ValueError, r"window_overlap \(5\) must be smaller than window_lines \(5\)"):
            WindowingSettings(window_lines=5, window_overlap=5)


class TokenTest(unittest.TestCase):
    def test_four_narrow_characters_or_one_wide_one_make_a_token(self) -> None:
        self.assertEqual([token_count(text) for text in ("", "goat", "goats", "山に登る", "山 goats")], [1, 1, 2, 4, 3])


if __name__ == "__main__":
    unittest.main()
