"""An outside program and the seven kinds of miners, each a process of its own: good tags come back, faults stay alone."""

import asyncio
import tempfile
import time
import unittest
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

from conversation_genome.annotation import Outcome
from conversation_genome.api import MinerReport, TaggedConversation, TaggingApi, choose_miners
from conversation_genome.chain.base import Endpoint, Metagraph
from conversation_genome.chain.ledger import LocalLedger
from conversation_genome.local.layout import Layout
from conversation_genome.local.roster import NETUID, WALLET, Roster, draw_up
from conversation_genome.local.supervisor import Supervisor
from conversation_genome.protocol.signing import load_signer
from tests_ap.environment import ROOT, run_python
from tests_ap.examples import EXAMPLES, example_conversation, ready_embedder

TALK = "chat-flatmates-boiler.txt"
START_SECONDS = 90.0
SECONDS = 8.0
DEEP, LIGHT, RANDOM, COPIER, STUFFER, SLOW, MALFORMED, GONE = range(8)


@contextmanager
def miners_of(folder: Path) -> Iterator[tuple[Roster, Layout, Metagraph]]:
    """Start a miner of each kind; one more that is gone again has published an address, too."""
    layout = Layout(folder / "subnet")
    layout.root.mkdir()
    roster = draw_up(layout, miners=8, validators=1)
    *living, gone = roster.miners
    with Supervisor(layout.root) as supervisor:
        for miner in living:
            supervisor.start(miner.name, miner.module, miner.settings, layout.log(miner.name))
        ledger = LocalLedger(layout.ledger, gone.hotkey)
        ledger.serve(NETUID, Endpoint(host="127.0.0.1", port=gone.port))
        deadline = time.monotonic() + START_SECONDS
        while not all(ledger.metagraph(NETUID).by_hotkey[one.hotkey].endpoint for one in living):
            supervisor.check()
            assert time.monotonic() < deadline, "the miners did not start"
            time.sleep(0.1)
        yield roster, layout, ledger.metagraph(NETUID)
        ledger.close()


class TaggingThroughMiners(unittest.TestCase):
    tagged: ClassVar[TaggedConversation]
    by_number: ClassVar[dict[int, MinerReport]]

    @classmethod
    def setUpClass(cls) -> None:
        folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.embedder = ready_embedder()
        cls.roster, cls.layout, cls.metagraph = cls.enterClassContext(miners_of(folder))
        cls.tagged = asyncio.run(cls.tag())
        by_hotkey = {report.hotkey: report for report in cls.tagged.miners}
        cls.by_number = {number: by_hotkey[miner.hotkey] for number, miner in enumerate(cls.roster.miners)}

    @classmethod
    async def tag(cls) -> TaggedConversation:
        signer = load_signer(cls.layout.wallets, WALLET, cls.roster.validators[0].name)
        async with TaggingApi(signer, cls.embedder, timeout_seconds=SECONDS, calls_per_miner=32) as api:
            return await api(example_conversation(TALK), choose_miners(cls.metagraph, count=8, by="incentive"))

    def test_the_tags_are_about_the_talk_and_tell_how_many_said_so(self) -> None:
        texts = " ".join(tag.text.lower() for tag in self.tagged.tags)
        self.assertGreaterEqual(len(self.tagged.tags), 8)
        self.assertTrue(any(word in texts for word in ("boiler", "landlord", "heating")), texts)
        self.assertGreaterEqual(max(tag.support for tag in self.tagged.tags), 2)
        self.assertEqual(self.tagged.unanswered, 0)

    def test_who_reads_well_is_graded_above_who_does_not(self) -> None:
        scores = {number: report.mean_score for number, report in self.by_number.items()}
        self.assertGreater(min(scores[DEEP], scores[LIGHT]), 2 * max(scores[RANDOM], scores[STUFFER]))
        self.assertEqual(self.tagged.miners[0].mean_score, max(scores.values()))

    def test_a_copy_adds_nothing_to_the_support_of_a_tag(self) -> None:
        self.assertLessEqual(max(tag.support for tag in self.tagged.tags), len((DEEP, LIGHT)))

    def test_faults_stay_with_the_miner_that_makes_them(self) -> None:
        windows = sum(self.by_number[DEEP].outcomes.values())
        self.assertEqual(self.by_number[DEEP].outcomes, {Outcome.SCORED: windows})
        for number, outcome in ((SLOW, Outcome.LATE), (MALFORMED, Outcome.MALFORMED), (GONE, Outcome.UNREACHABLE)):
            report = self.by_number[number]
            self.assertEqual((report.outcomes, report.mean_score), ({outcome: windows}, 0.0), report)
            self.assertTrue(report.reasons)

    def test_the_example_runs_as_it_is_written(self) -> None:
        done = run_python(
            str(ROOT / "examples/tag_through_miners.py"),
            *("--subnet", str(self.layout.root), "--miners", "2", str(EXAMPLES / TALK)),
            variables={"CGP_ENV_FILE": "/dev/null"},
        )
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertRegex(done.stdout, r"said by 2 of 2\n(.*\n)*uid +\d+  mean score 0\.\d\d  \d+ scored")


if __name__ == "__main__":
    unittest.main()
