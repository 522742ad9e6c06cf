"""A chat in which talks run through each other is taken apart."""

import unittest
from itertools import cycle

from conversation_genome.conversation import Conversation, Utterance, Window
from conversation_genome.windowing.chat import is_notice, read_chat
from conversation_genome.windowing.cues import read_cues
from conversation_genome.windowing.cutting import cut, needs_vectors
from conversation_genome.windowing.settings import WindowingSettings

WORDS = WindowingSettings(boundaries="words")
NAMES = ("ann", "ben_", "cat|away", "dan")
PRINTER = [
    (0, "hello, my printer does not print, what can i do?"),
    (1, "ann: which printer is it?"),
    (0, "ben_: an old laser printer"),
    (1, "ann: have you tried another cable for the printer?"),
    (0, "ben: yes, no luck with the cable"),
    (1, "ann: then the printer needs a new driver"),
]
SOUND = [
    (2, "hi all, how do i get sound from my headphones?"),
    (3, "cat|away: is the sound muted in the mixer?"),
    (2, "dan: the mixer shows no headphones"),
    (3, "cat: plug the headphones in again"),
    (2, "dan: now there is sound, thanks"),
    (3, "cat|away: enjoy the sound"),
]


def chat(*lines: tuple[int, str], names: tuple[str, ...] = NAMES, **facts: str) -> Conversation:
    spoken = tuple(Utterance(speaker=speaker, text=text) for speaker, text in lines)
    return Conversation(id="chat", participants=names, lines=spoken, **facts)


def woven(*talks: list[tuple[int, str]]) -> list[tuple[int, str]]:
    turns = [iter(talk) for talk in talks]
    return [next(turn) for turn, _ in zip(cycle(turns), range(sum(map(len, talks))), strict=False)]


def of_level(windows: tuple[Window, ...], level: int) -> list[Window]:
    return [window for window in windows if window.level == level]


class ThreadsTest(unittest.TestCase):
    def setUp(self) -> None:
        self.chat = chat(*woven(PRINTER, SOUND))
        self.windows = cut(self.chat, WORDS)

    def test_two_talks_that_run_through_each_other_become_two_threads(self) -> None:
        threads = [(window.thread, window.lines) for window in of_level(self.windows, 1)]
        self.assertEqual(threads, [(0, (0, 2, 4, 6, 8, 10)), (1, (1, 3, 5, 7, 9, 11))])

    def test_level_zero_is_the_whole_and_belongs_to_no_thread(self) -> None:
        (whole,) = of_level(self.windows, 0)
        self.assertEqual((whole.start, whole.end, whole.thread, whole.lines), (0, 12, None, None))

    def test_a_window_shows_the_lines_of_its_thread_alone(self) -> None:
        for window in of_level(self.windows, 2):
            speakers = {line.speaker for line in self.chat.text_of(window)}
            self.assertIn(speakers, ({0, 1}, {2, 3}))

    def test_a_notice_belongs_to_no_thread(self) -> None:
        notice = (0, "=== eve [n=eve@host] has joined #help")
        windows = cut(chat(*woven(PRINTER, SOUND), notice), WORDS)
        self.assertNotIn(12, {number for window in windows if window.lines for number in window.lines})

    def test_a_thread_shorter_than_a_task_has_no_level_two_windows(self) -> None:
        stray = (3, "does anybody use a trackball with this desktop?")
        windows = cut(chat(*woven(PRINTER, SOUND), stray), WORDS)
        short = {window.thread for window in of_level(windows, 1) if len(window.lines or ()) < WORDS.min_lines}
        self.assertFalse(short & {window.thread for window in of_level(windows, 2)})

    def test_two_talks_one_after_the_other_are_not_taken_apart(self) -> None:
        windows = cut(chat(*PRINTER, *SOUND), WORDS)
        self.assertEqual({window.thread for window in windows}, {None})

    def test_two_people_have_no_threads(self) -> None:
        windows = cut(chat(*PRINTER * 3, names=("ann", "ben_")), WORDS)
        self.assertEqual({window.thread for window in windows}, {None})

    def test_fixed_windows_take_no_threads_apart(self) -> None:
        windows = cut(self.chat, WindowingSettings(boundaries="fixed"))
        self.assertEqual([(w.level, w.start, w.end, w.lines) for w in windows if w.level == 2], [(2, 0, 12, None)])

    def test_a_chat_is_embedded_before_it_is_cut_by_meaning(self) -> None:
        self.assertTrue(needs_vectors(self.chat, WindowingSettings()))


class ChatTest(unittest.TestCase):
    def addressed(self, text: str) -> int | None:
        return read_chat(chat((1, text)))[0].addressed

    def test_a_line_is_spoken_to_whom_it_names_first(self) -> None:
        texts = ("ann: hi", "ann, hi", "@ann hi", "ann hi", "hi @ann", "cat: hi", "ben: hi", "hi ann")
        self.assertEqual([self.addressed(text) for text in texts], [0, 0, 0, 0, 0, 2, None, None])

    def test_the_beginning_of_a_name_is_enough_where_only_one_begins_so(self) -> None:
        lines = ((0, "annab: hi"), (0, "anna: hi"))
        read = read_chat(chat(*lines, names=("zoe", "annabel", "annalena")))
        self.assertEqual([line.addressed for line in read], [1, None])

    def test_a_name_may_hold_spaces(self) -> None:
        (line,) = read_chat(chat((1, "@AnnSmith are you there?"), names=("Ann Smith", "Ben Jones")))
        self.assertEqual(line.addressed, 0)

    def test_what_a_chat_program_writes_is_a_notice(self) -> None:
        notices = ("=== bob is now known as rob", "*** Quits: bob", "--> bob has joined", "bob has joined #room")
        self.assertTrue(all(map(is_notice, notices)))

    def test_what_people_say_is_no_notice(self) -> None:
        said = (
            "has bob joined?",
            "--no-install is the flag",
            "a = b == c",
            "** this is bold **",
            "bob has left the building",
            "twitter is now known as x",
        )
        self.assertFalse(any(map(is_notice, said)))

    def test_lines_made_to_cost_time_are_read(self) -> None:
        hostile = (" " * 99_000, "=" * 99_000, "@" * 99_000, "ann: " * 19_000, "ok " * 33_000, "[" * 99_000)
        lines = [(number % 3, text) for number, text in enumerate(hostile)] * 2
        self.assertTrue(cut(chat(*lines, (0, "end"), (1, "end"), (2, "end"), (3, "end")), WORDS))
        self.assertEqual(len(read_cues(hostile, 10.0)), len(hostile))


if __name__ == "__main__":
    unittest.main()
