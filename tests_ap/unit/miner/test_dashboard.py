"""The miner's own page: every figure it has, nothing from elsewhere, and no word of a stranger that is markup."""

import re
import unittest
from datetime import UTC, datetime

import httpx2

from conversation_genome.annotation import Outcome
from conversation_genome.chain.admission import Admission
from conversation_genome.chain.base import Endpoint
from conversation_genome.protocol.reads import MinerAnswerSummary
from conversation_genome.protocol.signing import MemoryNonceStore, Signer
from conversation_genome.settings import MinerSettings
from conversation_genome.testing.chain import RecordingChain
from miner.dashboard import add_dashboard
from miner.history import History
from miner.metrics import MinerMetrics, metrics_app
from miner.service import MinerService
from miner.standing import ScoreReader, Scores
from tests_ap.environment import settings_of
from tests_ap.unit.miner.test_service import Echo

NETUID = 33
MINER = Signer.from_uri("//Miner")
EVIL = "<script>alert(1)</script>"


def summary(score: float) -> MinerAnswerSummary:
    return MinerAnswerSummary(
        submission_id="s",
        conversation_id="c",
        window_id="w",
        validator_hotkey="v",
        outcome=Outcome.SCORED,
        detail="",
        score=score,
        claimed_score=score,
        agrees=True,
        reasons=(f"missed '{EVIL}'",),
        reward=None,
        standing=None,
        seconds=0.2,
        submitted_at=datetime(2026, 11, 20, tzinfo=UTC),
    )


class Dashboard(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self) -> None:
        chain = RecordingChain(NETUID, MINER.hotkey)
        chain.register(NETUID, MINER.hotkey)
        chain.serve(NETUID, Endpoint(host="127.0.0.1", port=8091))
        self.admission = Admission(chain, NETUID, max_age_seconds=60)
        self.service = MinerService(
            MINER.hotkey, admission=self.admission, nonces=MemoryNonceStore(), behaviour=Echo(), min_stake=0.0
        )
        self.addCleanup(self.service.close)
        self.scores = Scores()

    async def page(self) -> httpx2.Response:
        app = metrics_app(MinerMetrics())
        with settings_of():
            settings = MinerSettings(miner_engine="extractive-light")

        async def scores() -> Scores:
            return self.scores

        add_dashboard(
            app,
            hotkey=MINER.hotkey,
            service=self.service,
            admission=self.admission,
            settings=lambda: settings,
            scores=scores,
        )
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://miner") as client:
            return await client.get("/")

    async def text(self) -> str:
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", (await self.page()).text))

    async def test_a_miner_that_has_done_nothing_yet_has_a_page(self) -> None:
        text = await self.text()
        for words in (
            MINER.hotkey,
            "extractive-light",
            "Tasks answered 0",
            "The chain cannot be read",
            "None since the start",
        ):
            self.assertIn(words, text)

    async def test_tasks_latencies_scores_and_the_place_on_chain_are_shown(self) -> None:
        self.admission.refresh()
        for number in range(100):
            self.service.history.answered(7, lines=9, tags=12, seconds=(number + 1) / 100, is_part=number < 3)
        self.service.history.refused(503, "2 tasks wait already")
        self.scores = Scores((summary(0.75), summary(0.25)))
        text = await self.text()
        for words in (
            "Tasks answered 100 3 in part",
            "Half within 500 ms",
            "95 of 100 within 950 ms",
            "99 of 100 within 990 ms",
            "have a mean of 0.500",
            "Published: http://127.0.0.1:8091",
            "of 1 Uid",
            "2 tasks wait already",
        ):
            self.assertIn(words, text)

    async def test_what_is_in_the_way_of_scores_is_a_sentence(self) -> None:
        self.scores = Scores(trouble="no server is named: CGP_MINER_SERVER_URL says which one to ask")
        self.assertIn("None. No server is named: CGP_MINER_SERVER_URL says which one to ask.", await self.text())
        self.scores = Scores(trouble="it does not answer; is it running?")
        self.assertIn("None. It does not answer; is it running? Last answers", await self.text())

    async def test_a_miner_that_lost_its_place_is_told(self) -> None:
        chain = RecordingChain(NETUID)
        self.admission = Admission(chain, NETUID, max_age_seconds=60)
        self.admission.refresh()
        self.assertIn("not registered on subnet 33 any more", await self.text())

    async def test_nothing_comes_from_elsewhere_and_strangers_words_are_no_markup(self) -> None:
        self.service.history.refused(422, EVIL)
        self.scores = Scores((summary(0.5),))
        page = await self.page()
        self.assertNotIn(EVIL, page.text)
        self.assertEqual(re.findall(r'(?:src|href|url)\s*[=(]\s*"?', page.text), [])
        self.assertIn("default-src 'none'", page.headers["content-security-policy"])
        self.assertEqual(page.headers["cache-control"], "no-store")


class ServersScores(unittest.IsolatedAsyncioTestCase):
    async def test_without_a_server_the_page_says_how_to_name_one(self) -> None:
        scores = await ScoreReader(MINER, url="", server_hotkey="").scores()
        self.assertIn("CGP_MINER_SERVER_URL", scores.trouble)

    async def test_a_server_without_its_hotkey_is_not_asked(self) -> None:
        scores = await ScoreReader(MINER, url="http://127.0.0.1:9", server_hotkey="5x").scores()
        self.assertIn("CGP_MINER_SERVER_HOTKEY", scores.trouble)

    async def test_a_server_that_is_away_is_said_and_not_asked_again_at_once(self) -> None:
        reader = ScoreReader(MINER, url="http://127.0.0.1:9", server_hotkey=MINER.hotkey)
        first = await reader.scores()
        self.assertRegex(first.trouble, "127.0.0.1:9")
        self.assertIs(await reader.scores(), first)


class Percentiles(unittest.TestCase):
    def test_they_are_values_that_were_measured(self) -> None:
        history = History()
        self.assertIsNone(history.percentiles(0.5))
        for seconds in (3.0, 1.0, 2.0):
            history.answered(1, lines=1, tags=1, seconds=seconds, is_part=False)
        self.assertEqual(history.percentiles(0.0, 0.5, 0.95, 1.0), (1.0, 2.0, 3.0, 3.0))


if __name__ == "__main__":
    unittest.main()
