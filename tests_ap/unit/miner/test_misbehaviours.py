"""Each miner that does not do the work misbehaves in its own way, and in no other."""

import json
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

from conversation_genome.annotation import Fact, FactKind, Hotkey, Profile, Tag
from conversation_genome.errors import AnswerMalformedError, SettingsError
from conversation_genome.protocol.messages import MinerAnswer
from conversation_genome.settings import MinerSettings
from conversation_genome.tasks.registry import task_type
from miner.answer_log import AnswerLog, AnswerLogReader
from miner.behaviours import load_behaviour
from miner.misbehaviours import Copier, Malformed, Random, Slow, Stuffer
from tests_ap.unit.miner.tasks import LINES, a_task

ME, YOU = Hotkey("me"), Hotkey("you")


def texts(answer: MinerAnswer) -> list[str]:
    return [tag.text for tag in answer.tags]


class TestRandom(unittest.TestCase):
    def test_its_words_are_not_in_the_window(self) -> None:
        said = "walnut tulip teapot willow velvet umbrella thunder sparrow falcon dune"
        window = a_task(lines=((0, said.upper()),))
        drawn = [word for number in range(50) for word in texts(Random(Hotkey(str(number))).answer(window))]
        self.assertEqual(set(drawn) & set(said.split()), set())

    def test_it_draws_the_same_for_the_same_hotkey_and_window_and_else_another(self) -> None:
        first, again = Random(ME).answer(a_task()), Random(ME).answer(a_task(task_id="task-2"))
        self.assertEqual(texts(first), texts(again))
        self.assertNotEqual(texts(first), texts(Random(YOU).answer(a_task())))
        self.assertNotEqual(texts(first), texts(Random(ME).answer(a_task(lines=((0, "Something else."),)))))


class TestStuffer(unittest.TestCase):
    def test_two_true_tags_come_first_and_stuffing_fills_the_rest(self) -> None:
        answer = Stuffer().answer(a_task(max_tags=40))
        self.assertEqual(len(answer.tags), 40)
        self.assertEqual(set(texts(answer)[:2]), {"starter", "loaf"})
        self.assertTrue({"conversation", "discussion", "the"} <= set(texts(answer)))

    def test_it_keeps_to_the_number_that_the_task_allows(self) -> None:
        self.assertEqual(len(Stuffer().answer(a_task(max_tags=7)).tags), 7)


class TestCopier(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "answers.jsonl"
        self.copier = Copier(AnswerLogReader(self.path))
        self.answer = MinerAnswer(task_id="theirs", tags=(Tag(text="sourdough"),), engine="extractive/1")

    def log(self) -> None:
        log = AnswerLog(self.path)
        self.addCleanup(log.close)
        log.append(a_task(), self.answer)

    def test_it_returns_the_others_tags_under_its_own_task_id(self) -> None:
        self.log()
        self.assertEqual(self.copier.answer(a_task()), self.answer.model_copy(update={"task_id": "task-1"}))

    def test_profiles_are_moved_to_its_own_lines_and_speakers(self) -> None:
        facts = tuple(Fact(kind=FactKind.INTEREST, text=f"bread {at}", evidence=(at,)) for at in range(3))
        self.answer = self.answer.model_copy(update={"profiles": (Profile(participant="SPEAKER_0", facts=facts),)})
        self.log()
        own = tuple((1 - speaker, text) for speaker, text in LINES[1:])
        (profile,) = self.copier.answer(a_task(lines=own)).profiles
        self.assertEqual(profile.participant, "SPEAKER_1")
        self.assertEqual([(fact.text, fact.evidence) for fact in profile.facts], [("bread 1", (0,)), ("bread 2", (1,))])

    def test_it_waits_for_an_answer_that_is_still_being_made(self) -> None:
        timer = threading.Timer(0.1, self.log)
        timer.start()
        self.addCleanup(timer.join)
        self.assertEqual(texts(self.copier.answer(a_task())), ["sourdough"])

    def test_it_says_nothing_when_there_is_nothing_to_copy(self) -> None:
        self.log()
        answer = self.copier.answer(a_task(lines=((0, "Another window."),), timeout_seconds=0.1))
        self.assertEqual(answer.tags, ())


class TestSlow(unittest.TestCase):
    def test_it_answers_after_the_deadline(self) -> None:
        began = time.monotonic()
        Slow(ME).answer(a_task(timeout_seconds=0.1))
        self.assertGreater(time.monotonic() - began, 0.1)

    def test_it_does_not_hold_up_the_end_of_its_process(self) -> None:
        slow = Slow(ME)
        slow.close()
        slow.answer(a_task(timeout_seconds=600))


class TestMalformed(unittest.TestCase):
    def test_every_kind_in_turn_is_refused_by_the_task_type(self) -> None:
        malformed, task = Malformed(), a_task()
        kinds = [malformed.answer(task) for _ in range(5)]
        self.assertEqual((len(set(kinds)), malformed.answer(task)), (5, kinds[0]))
        for body in kinds:
            with self.subTest(body), self.assertRaises(AnswerMalformedError):
                task_type(task.task_type).check(body, task)

    def test_the_others_answers_are_taken_by_the_task_type(self) -> None:
        task = a_task(timeout_seconds=0.05)
        nothing = Copier(AnswerLogReader(Path("absent")))
        for other in (Random(ME), Stuffer(), Slow(ME), nothing):
            with self.subTest(type(other).__name__):
                answer = other.answer(task)
                body = answer.model_dump_json().encode()
                self.assertEqual(task_type(task.task_type).check(body, task), answer)


class TestLoadingBehaviours(unittest.TestCase):
    def test_the_settings_say_which(self) -> None:
        kinds = {"random": Random, "stuffer": Stuffer, "slow": Slow, "malformed": Malformed}
        for kind, expected in kinds.items():
            self.assertIsInstance(load_behaviour(MinerSettings(miner_behaviour=kind), ME), expected)

    def test_a_copier_must_know_whom_to_copy(self) -> None:
        with self.assertRaisesRegex(SettingsError, "CGP_MINER_COPY_FROM is missing"):
            load_behaviour(MinerSettings(miner_behaviour="copier"), ME)

    def test_only_a_local_network_is_misbehaved_on(self) -> None:
        for kind in ("random", "copier", "stuffer", "slow", "malformed"):
            settings = MinerSettings(miner_behaviour=kind, subtensor_network="finney", miner_copy_from=Path("x"))
            with self.subTest(kind), self.assertRaisesRegex(SettingsError, f"'{kind}' is for the network 'local'"):
                load_behaviour(settings, ME)

    def test_no_model_is_loaded_to_misbehave(self) -> None:
        code = "import json, sys, miner.__main__, miner.misbehaviours; print(json.dumps(sorted(sys.modules)))"
        modules = set(json.loads(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout))
        heavy = {"spacy", "onnxruntime", "torch", "tokenizers", "lancedb", "sentence_transformers"}
        self.assertEqual(modules & heavy, set())
