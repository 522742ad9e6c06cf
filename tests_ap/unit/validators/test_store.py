"""The state file: whatever is done to it, what it held is taken up again, and what was damaged is said."""

import json
import os
import random
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from structlog.testing import capture_logs

from conversation_genome.annotation import Annotation, GroundTruth, Hotkey, Outcome, Tag
from conversation_genome.errors import SettingsError
from conversation_genome.protocol.messages import MinerAnswer, Submission
from conversation_genome.rewards import Accounts
from tests_ap.environment import ROOT
from tests_ap.unit.validators.test_weight_setter import copied_window
from validators.journal import Journal, read_journal
from validators.memory import Memory
from validators.state import ValidatorState
from validators.store import STATE_VERSION, StateStore, held_alone, load_state

ANN, BEN = Hotkey("ann"), Hotkey("ben")
OWNER = "me on 1"
TRUTH = GroundTruth(engine="test/1", tags=(Tag(text="boats"),), windows={"2-0-4": (Tag(text="boats"),)})


def submission(miner: Hotkey) -> Submission:
    return Submission(
        lease_id="lease",
        window_id="2-0-4",
        miner_hotkey=miner,
        miner_uid=1,
        outcome=Outcome.SCORED,
        answer=MinerAnswer(task_id="t", tags=Annotation(tags=(Tag(text="naïve\u2028boats"),)).tags, engine="e"),
        seconds=0.25,
        score=0.1 + 0.2,
        reward=1 / 3,
        scoring_version="1",
    )


class StoreCase(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.path = self.folder / "state.json"
        self.log = self.enterContext(capture_logs())
        self.memory = self.opened()

    def opened(self, owner: str = OWNER) -> Memory:
        """Return the memory of a process that starts now."""
        memory = Memory(StateStore(self.path, owner=owner), alpha=0.1)
        self.addCleanup(memory.close)
        return memory

    def live(self, memory: Memory) -> None:
        """Let one of everything happen."""
        memory.secret()
        memory.reward({ANN: 0.7, BEN: 1 / 3})
        memory.remember_copies([copied_window(ANN, BEN)])
        memory.opened("lease", TRUTH, [{"2-0-4": (ANN, BEN)}, {"2-2-6": (ANN,)}], roll_call=7)
        memory.graded("lease", 0, [copied_window(BEN, ANN)], [{ANN: 0.1, BEN: 0.9}], [submission(ANN), submission(BEN)])
        memory.handed_in("lease", 0)
        memory.graded("lease", 1, [], [{ANN: 0.3}], [submission(ANN)])
        memory.weighing(3, 77, {ANN: 0.25, BEN: 0.75}, Accounts())
        memory.weighed(stands=True)
        memory.weighing(4, 99, {ANN: 1.0}, Accounts())


class Survival(StoreCase):
    def test_everything_is_there_again_after_a_kill(self) -> None:
        self.live(self.memory)
        again = self.opened()
        self.assertEqual(again.state, self.memory.state)
        self.assertEqual(again.state.leases["lease"].done, {0})
        self.assertEqual(again.state.last_weights, {ANN: 0.25, BEN: 0.75})
        self.assertEqual(again.state.seconds[ANN], 0.25)

    def test_everything_is_there_again_after_a_snapshot_and_more(self) -> None:
        self.live(self.memory)
        self.memory.save()
        self.memory.handed_in("lease", 1)
        self.memory.save()
        self.memory.reward({BEN: 0.5})
        self.assertEqual(self.opened().state, self.memory.state)

    def test_a_stretch_counts_once_however_often_it_is_handed_in(self) -> None:
        self.live(self.memory)
        for _ in range(3):
            self.memory.handed_in("lease", 1)
        self.assertEqual(self.memory.state.averages.by_hotkey[ANN].samples, 3)

    def test_a_lease_that_was_lost_pays_nothing(self) -> None:
        self.live(self.memory)
        before = self.memory.state.averages
        self.memory.closed("lease")
        self.memory.handed_in("lease", 1)
        self.assertEqual(self.opened().state.averages, before)

    def test_a_journal_that_was_cut_anywhere_loses_its_last_event_alone(self) -> None:
        self.live(self.memory)
        journal = self.folder / "state.json.0.journal"
        whole, chance = journal.read_bytes(), random.Random(1)
        states = [ValidatorState()]
        for end in [at + 1 for at, byte in enumerate(whole) if byte == ord("\n")]:
            journal.write_bytes(whole[:end])
            states.append(load_state(self.path))
        for cut in sorted(chance.sample(range(len(whole)), 60)):
            journal.write_bytes(whole[:cut])
            self.assertEqual(load_state(self.path), states[whole[:cut].count(b"\n")])

    def test_what_follows_a_line_that_was_cut_short_is_kept(self) -> None:
        self.memory.reward({ANN: 0.5})
        with (self.folder / "state.json.0.journal").open("ab") as file:
            file.write(b'deadbeef {"kind": "rew')
        again = self.opened()
        again.reward({ANN: 1.0})
        self.assertEqual(self.opened().state.averages.by_hotkey[ANN].samples, 2)

    def test_journals_do_not_pile_up(self) -> None:
        for _ in range(5):
            self.memory.reward({ANN: 0.5})
            self.memory.save()
        self.assertLessEqual(len(list(self.folder.glob("*.journal"))), 2)


class Damage(StoreCase):
    def setUp(self) -> None:
        super().setUp()
        self.live(self.memory)
        self.memory.save()
        self.memory.reward({BEN: 0.25})
        self.memory.save()
        self.memory.reward({ANN: 0.125})

    def damaged(self, content: bytes) -> Memory:
        self.path.write_bytes(content)
        return self.opened()

    def said(self) -> str:
        return " ".join(line["fault"] for line in self.log if line["event"] == "state damaged")

    def test_a_snapshot_that_is_torn_truncated_or_edited_costs_nothing(self) -> None:
        whole = self.path.read_bytes()
        for name, content in {
            "empty": b"",
            "torn": whole[: len(whole) // 2],
            "zeros": bytes(len(whole)),
            "one bit": whole.replace(b'"samples":', b'"samplez":', 1),
            "edited": whole.replace(b'"value":0.', b'"value":0.9', 1),
            "not json": b"weights = everything to me",
        }.items():
            with self.subTest(name):
                for file in self.folder.iterdir():
                    file.unlink()
                self.memory = self.opened()
                Damage.setUp(self)
                expected = self.memory.state
                self.assertEqual(self.damaged(content).state, expected)
                self.assertIn("state.json is damaged", self.said())
                self.assertEqual((self.folder / "state.json.damaged").read_bytes(), content)
                self.assertEqual(self.opened().state, expected)

    def test_a_snapshot_that_is_gone_is_made_anew(self) -> None:
        self.path.unlink()
        self.assertEqual(self.opened().state, self.memory.state)
        self.assertIn("to start from nothing instead, move", self.said())

    def test_where_both_snapshots_are_damaged_the_sections_that_can_be_read_are_kept(self) -> None:
        given = json.loads(self.path.read_bytes())
        given["state"]["averages"] = {"by_hotkey": {"ann": {"value": 7.0, "samples": 3}}}
        (self.folder / "state.json.previous").write_bytes(b"")
        state = self.damaged(json.dumps(given).encode()).state
        self.assertEqual(state.last_weights, {ANN: 0.25, BEN: 0.75})
        self.assertEqual(set(state.averages.by_hotkey), {ANN, BEN}, "what the journals since tell")
        self.assertIn("everything is kept but averages", self.said())

    def test_a_damaged_line_of_the_journal_costs_that_event_alone(self) -> None:
        self.memory.reward({BEN: 0.5})
        journal = max(self.folder.glob("*.journal"), key=lambda one: one.stat().st_mtime_ns)
        journal.write_bytes(journal.read_bytes().replace(b"rewarded", b"rewarted", 1))
        state = self.opened().state
        self.assertEqual(state.averages.by_hotkey[BEN], self.memory.state.averages.by_hotkey[BEN])
        self.assertIn("1 of 2 lines are damaged", self.said())


class Versions(StoreCase):
    def test_a_state_from_before_versions_is_taken_over(self) -> None:
        old = {"averages": {"by_hotkey": {"ann": {"value": 0.5, "samples": 4}}}, "last_epoch": 12}
        self.path.write_text(json.dumps(old), "utf-8")
        memory = self.opened()
        self.assertEqual((memory.state.averages.by_hotkey[ANN].samples, memory.state.last_epoch), (4, 12))
        memory.save()
        self.assertEqual(json.loads(self.path.read_bytes())["version"], STATE_VERSION)

    def test_a_state_of_a_newer_version_is_refused_and_left_alone(self) -> None:
        self.path.write_text('{"version": 99}', "utf-8")
        with self.assertRaisesRegex(SettingsError, "has version 99, this program knows 2 at most: update it"):
            self.opened()
        self.assertEqual(self.path.read_text("utf-8"), '{"version": 99}')

    def test_another_validators_state_is_refused(self) -> None:
        self.memory.save()
        with self.assertRaisesRegex(SettingsError, "is the state of me on 1, and this validator is you on 1"):
            self.opened("you on 1")

    def test_two_validators_on_one_state_are_refused_until_the_first_is_gone(self) -> None:
        script = (
            "import pathlib, sys, validators.store as store\n"
            "with store.held_alone(pathlib.Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
        )
        command = [sys.executable, "-c", script, str(self.path)]
        with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
            assert other.stdout
            self.assertEqual(other.stdout.readline(), b"held\n")
            with self.assertRaisesRegex(SettingsError, "another validator runs on"), held_alone(self.path):
                self.fail("it was held twice")
            other.kill()
            other.wait()
            with held_alone(self.path):
                pass


class Lines(unittest.TestCase):
    def test_a_line_that_cannot_be_written_leaves_the_journal_as_it_was(self) -> None:
        path = Path(self.enterContext(tempfile.TemporaryDirectory())) / "journal"
        journal = Journal(path)
        self.addCleanup(journal.close)
        journal.append(b"one")
        write, os.write = os.write, lambda file, data: write(file, data[:3]) and _no_space()
        self.addCleanup(setattr, os, "write", write)
        with self.assertRaises(OSError):
            journal.append(b"two")
        os.write = write
        journal.append(b"three")
        self.assertEqual(read_journal(path).payloads, (b"one", b"three"))


def _no_space() -> int:
    raise OSError(28, "No space left on device")


if __name__ == "__main__":
    unittest.main()
