"""Windows of real talks, by the real model, beside what people marked."""

import json
import unittest
from itertools import islice
from pathlib import Path
from statistics import fmean

from benchmarks.engines.windows.measures import one_to_one, pk, window_diff
from benchmarks.engines.windows.rivals import named_or_own, tiling_cuts
from benchmarks.engines.windows.talks import Talk, embedded
from conversation_genome.conversation import Conversation
from conversation_genome.windowing.chat import read_chat
from conversation_genome.windowing.cutting import cut
from conversation_genome.windowing.settings import WindowingSettings
from conversation_genome.windowing.threads import may_interleave
from tests_ap.examples import ready_embedder

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"


def conversations(name: str, count: int) -> list[Conversation]:
    with (DATA / f"{name}.jsonl").open(encoding="utf-8") as lines:
        return [Conversation.from_record(json.loads(line)) for line in islice(lines, count)]


def cuts_of(talk: Talk) -> list[int]:
    windows = cut(talk.conversation, WindowingSettings(), talk.vectors)
    return [window.start for window in windows if window.level == 1 and window.start]


@unittest.skipUnless(DATA.is_dir(), f"the shared data is not at {DATA}")
class RealTalksTest(unittest.TestCase):
    def test_topics_are_found_nearer_to_people_than_by_text_tiling(self) -> None:
        talks = list(embedded(conversations("segmentation_stitched", 6), ready_embedder()))
        for measure in (pk, window_diff):
            ours, theirs = (
                fmean(measure(len(talk.vectors), talk.boundaries, rule(talk)) for talk in talks)
                for rule in (cuts_of, lambda talk: tiling_cuts(talk, 3))
            )
            self.assertLess(ours, theirs)

    def test_threads_are_found_nearer_to_people_than_by_the_rule_of_names(self) -> None:
        (talk,) = embedded(conversations("chat_irc_ubuntu", 1), ready_embedder())
        windows = cut(talk.conversation, WindowingSettings(), talk.vectors)
        thread_of = {line: window.thread for window in windows if window.level == 1 for line in window.numbers}
        lines = read_chat(talk.conversation)
        spoken = [index for index, line in enumerate(lines) if not line.is_notice]
        rule = dict(zip(spoken, named_or_own([lines[index] for index in spoken]), strict=True))
        known = [index for index in spoken if talk.threads[index] is not None]
        truth = [talk.threads[index] for index in known]
        ours, theirs = (one_to_one(truth, [found[index] for index in known]) for found in (thread_of, rule))
        self.assertGreater(ours, theirs)

    def test_every_spoken_line_of_a_chat_is_in_one_thread(self) -> None:
        (talk,) = embedded(conversations("chat_irc_ubuntu", 1), ready_embedder())
        windows = cut(talk.conversation, WindowingSettings(), talk.vectors)
        held = sorted(line for window in windows if window.level == 1 for line in window.numbers)
        said = [index for index, line in enumerate(read_chat(talk.conversation)) if not line.is_notice]
        self.assertEqual(held, said)

    def test_meetings_podcasts_and_chats_of_two_have_no_threads(self) -> None:
        for name in ("meetings_qmsum", "podcast_changelog", "chat_topicalchat", "profiles_realpersona_ja"):
            with self.subTest(name):
                self.assertFalse(any(map(may_interleave, conversations(name, 20))))


if __name__ == "__main__":
    unittest.main()
