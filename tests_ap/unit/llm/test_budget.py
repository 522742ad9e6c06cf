"""The budget stops before it is exceeded: by one call, by many at once, by another process, by a killed one."""

import multiprocessing
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from conversation_genome.engines.llm.answers import GivenTags
from conversation_genome.errors import LlmBudgetError, LlmError, LlmServerError, LlmTimeoutError
from conversation_genome.llm.base import Usage
from conversation_genome.llm.budget import Budget, Limits
from conversation_genome.llm.calls import Patience
from conversation_genome.llm.prices import cost_usd, price_of
from conversation_genome.llm.spending import DayLedger, Spent
from tests_ap.unit.llm.processes import reserve_often
from tests_ap.unit.llm.rig import model_at
from tests_ap.unit.llm.scripted_server import GOOD, PROMPT, Scripted, ScriptedServer, chat, openai_error

PRICES = {"some-model": (1.0, 10.0)}
WORST = PROMPT.most_input_tokens + PROMPT.max_output_tokens
ONCE = Patience(attempts=1, attempt_seconds=0.2, call_seconds=5)


class BudgetTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.ledger = DayLedger(self.folder / "spent.sqlite")
        self.today = datetime.now(UTC).date().isoformat()

    def budget(self, **limits: float) -> Budget:
        return Budget(Limits(**limits), self.ledger, PRICES)

    def test_a_call_that_could_exceed_the_budget_is_not_sent(self) -> None:
        for limits in (
            Limits(tokens_per_run=WORST - 1),
            Limits(tokens_per_day=WORST - 1),
            Limits(usd_per_run=1e-6),
            Limits(usd_per_day=1e-6),
        ):
            with self.subTest(limits), ScriptedServer(Scripted(chat(GOOD))) as server:
                model = model_at(server.url, self.folder, limits=limits, llm_prices=PRICES)
                with self.assertRaisesRegex(LlmBudgetError, "CGP_LLM_MAX_"):
                    model.ask(PROMPT, GivenTags)
                self.assertEqual(server.asked, [])

    def test_what_a_call_did_not_need_can_be_spent_again(self) -> None:
        with ScriptedServer(Scripted(chat(GOOD))) as server:
            model = model_at(server.url, self.folder, limits=Limits(tokens_per_run=WORST + 100))
            for number in range(3):
                model.ask(PROMPT.model_copy(update={"user": f"{number:4}"}), GivenTags)
            with self.assertRaises(LlmBudgetError):
                model.ask(PROMPT.model_copy(update={"user": "after 3 calls of 42 tokens"}), GivenTags)
        self.assertEqual(model.counters.usage.tokens, 3 * 42)
        self.assertEqual(self.ledger.spent_on(self.today).tokens, 3 * 42)

    def test_calls_at_once_never_exceed_the_limit_together(self) -> None:
        with ScriptedServer(Scripted(chat(GOOD), seconds=0.1)) as server:
            model = model_at(server.url, self.folder, limits=Limits(tokens_per_run=2 * WORST), at_once=8)

            def ask(number: int) -> bool:
                try:
                    model.ask(PROMPT.model_copy(update={"user": f"{number:4}"}), GivenTags)
                except LlmBudgetError:
                    return False
                return True

            with ThreadPoolExecutor(8) as pool:
                granted = sum(pool.map(ask, range(8)))
        self.assertEqual((granted, len(server.asked)), (2, 2))

    def test_processes_share_the_day(self) -> None:
        context = multiprocessing.get_context("spawn")
        results: multiprocessing.Queue[int] = context.Queue()
        arguments = (str(self.folder / "shared.sqlite"), results)
        processes = [context.Process(target=reserve_often, args=arguments) for _ in range(2)]
        for process in processes:
            process.start()
        for process in processes:
            process.join(60)
        self.assertEqual(results.get() + results.get(), 1_000 // 50)

    def test_what_a_killed_process_reserved_stays_spent(self) -> None:
        self.budget().reserve("some-model", Usage(input_tokens=70, output_tokens=30))
        self.assertEqual(self.ledger.spent_on(self.today), Spent(100, 0.00037))

    def test_an_attempt_that_may_be_charged_for_counts_as_its_worst(self) -> None:
        with ScriptedServer(Scripted(chat(GOOD), seconds=1)) as server:
            model = model_at(server.url, self.folder, patience=ONCE)
            with self.assertRaises(LlmTimeoutError):
                model.ask(PROMPT, GivenTags)
        self.assertEqual(self.ledger.spent_on(self.today).tokens, WORST)

    def test_an_attempt_that_failed_at_the_door_costs_nothing(self) -> None:
        broken = Scripted(openai_error(None, "oops"), 500)
        with ScriptedServer(broken) as server, self.assertRaises(LlmServerError):
            model_at(server.url, self.folder, patience=ONCE).ask(PROMPT, GivenTags)
        self.assertEqual(self.ledger.spent_on(self.today).tokens, 0)

    def test_an_answer_that_cannot_be_used_is_paid_for(self) -> None:
        for reply in (chat("no JSON"), chat(refusal="no"), chat("{", finish="length")):
            with ScriptedServer(Scripted(reply)) as server, self.assertRaises(LlmError):
                model_at(server.url, self.folder).ask(PROMPT, GivenTags)
        self.assertEqual(self.ledger.spent_on(self.today).tokens, 3 * 42)

    def test_a_limit_in_dollars_alone_refuses_a_model_without_a_price(self) -> None:
        with self.assertRaisesRegex(LlmBudgetError, "CGP_LLM_PRICES"):
            self.budget(usd_per_day=1.0).require_a_limit_that_holds("my-own-model")
        self.budget(usd_per_day=1.0, tokens_per_day=5).require_a_limit_that_holds("my-own-model")
        self.budget(usd_per_day=1.0).require_a_limit_that_holds("some-model")

    def test_a_new_day_begins_with_nothing_spent(self) -> None:
        moment = [datetime(2026, 11, 20, 23, 59, tzinfo=UTC)]
        ledger = DayLedger(self.folder / "days.sqlite", now=lambda: moment[0])
        budget = Budget(Limits(tokens_per_day=100), ledger, {})
        late = budget.reserve("m", Usage(input_tokens=100))
        moment[0] = datetime(2026, 11, 21, 0, 1, tzinfo=UTC)
        budget.reserve("m", Usage(input_tokens=100))
        budget.settle(late, Usage(input_tokens=1))
        self.assertEqual([ledger.spent_on(f"2026-11-{day}").tokens for day in (20, 21)], [1, 100])

    def test_a_ledger_that_cannot_be_written_stops_every_call(self) -> None:
        (self.folder / "file").write_text("no folder")
        budget = Budget(Limits(), DayLedger(self.folder / "file" / "spent.sqlite"), {})
        with self.assertRaisesRegex(LlmBudgetError, "CGP_LLM_FOLDER"):
            budget.reserve("m", Usage())

    def test_a_dated_model_has_the_price_of_the_undated_one_and_overrides_go_first(self) -> None:
        self.assertEqual(price_of("gpt-5.4-mini-2026-03-17", {}), price_of("gpt-5.4-mini", {}))
        self.assertEqual(price_of("gpt-5.4-mini", {"gpt-5.4-mini": (7.0, 8.0)}), (7.0, 8.0))
        self.assertIsNone(price_of("my-own-model", {}))
        self.assertAlmostEqual(cost_usd(Usage(input_tokens=1_000_000, output_tokens=500_000), (2.0, 10.0)), 7.0)


if __name__ == "__main__":
    unittest.main()
