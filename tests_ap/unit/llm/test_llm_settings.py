"""The settings of language models: checked before a role starts, secrets masked, every fault with its remedy."""

import unittest

from conversation_genome.configuration.report import MASK, check_configuration
from conversation_genome.embedding.base import Embedder
from conversation_genome.engines.llm.fallback import FallbackEngine
from conversation_genome.engines.llm.loading import load_llm_engine
from conversation_genome.engines.loading import load_engine
from conversation_genome.errors import LlmError, LlmKeyMissingError
from conversation_genome.settings import MinerSettings, SettingsError, load_settings
from conversation_genome.testing.embedder import HashEmbedder
from tests_ap.environment import settings_of
from tests_ap.unit.engines.talks import talk
from tests_ap.unit.llm.rig import settings_for
from tests_ap.unit.llm.scripted_server import KEY, Scripted, ScriptedServer, chat, claude, openai_error

EMBEDDER: Embedder = HashEmbedder()


def faults(role: str, **variables: str) -> dict[str, str]:
    with settings_of(**variables):
        report = check_configuration(role)
    return {fault.setting: fault.message for fault in (*report.unreadable, *report.missing)}


class LlmSettingsTest(unittest.TestCase):
    def test_a_missing_key_is_named_with_its_remedy(self) -> None:
        for engine, setting in (("openai", "CGP_OPENAI_API_KEY"), ("anthropic", "CGP_ANTHROPIC_API_KEY")):
            self.assertIn("set it", faults("miner", CGP_MINER_ENGINE=engine)[setting])
            self.assertIn("set it", faults("validator", CGP_VALIDATOR_ENGINE=f"agreement-{engine}")[setting])

    def test_a_fallback_needs_its_key_too(self) -> None:
        found = faults("miner", CGP_MINER_ENGINE="openai", CGP_OPENAI_API_KEY=KEY, CGP_LLM_FALLBACK="anthropic")
        self.assertIn("CGP_ANTHROPIC_API_KEY", found)
        self.assertNotIn("CGP_OPENAI_API_KEY", found)

    def test_engines_that_ask_no_model_need_nothing(self) -> None:
        found = faults("miner", CGP_LLM_FALLBACK="openai")
        self.assertEqual([name for name in found if "LLM" in name or "API" in name], [])

    def test_a_miner_must_answer_before_validators_stop_waiting(self) -> None:
        slow = {"CGP_MINER_ENGINE": "openai", "CGP_OPENAI_API_KEY": KEY}
        self.assertIn("a late one pays nothing", faults("miner", **slow)["CGP_LLM_CALL_SECONDS"])
        self.assertNotIn("CGP_LLM_CALL_SECONDS", faults("miner", **slow, CGP_LLM_CALL_SECONDS="8"))

    def test_an_address_that_is_none_is_named(self) -> None:
        found = faults("miner", CGP_MINER_ENGINE="openai", CGP_OPENAI_BASE_URL="localhost:8080")
        self.assertIn("http://", found["CGP_OPENAI_BASE_URL"])

    def test_a_budget_that_could_not_hold_is_named(self) -> None:
        found = faults(
            "miner",
            CGP_MINER_ENGINE="openai",
            CGP_OPENAI_API_KEY=KEY,
            CGP_OPENAI_MODEL="my-own",
            CGP_LLM_MAX_TOKENS_PER_DAY="0",
        )
        self.assertIn("CGP_LLM_PRICES", found["CGP_LLM_MAX_TOKENS_PER_DAY"])

    def test_keys_are_masked_wherever_settings_are_shown(self) -> None:
        with settings_of(CGP_OPENAI_API_KEY=KEY, CGP_ANTHROPIC_API_KEY=KEY):
            report = check_configuration()
            self.assertNotIn(KEY, repr(load_settings(MinerSettings)))
        shown = {row.name: row.value for row in report.settings}
        self.assertEqual((shown["CGP_OPENAI_API_KEY"], shown["CGP_ANTHROPIC_API_KEY"]), (MASK, MASK))

    def test_prices_that_are_no_json_are_a_fault_and_no_crash(self) -> None:
        with settings_of(CGP_LLM_PRICES="cheap"), self.assertRaisesRegex(SettingsError, "CGP_LLM_PRICES"):
            load_settings(MinerSettings)
        with settings_of(CGP_LLM_PRICES='{"my-model": [0.1, 0.5]}'):
            self.assertEqual(load_settings(MinerSettings).llm_prices, {"my-model": (0.1, 0.5)})


class FallbackTest(unittest.TestCase):
    broken = Scripted(openai_error("invalid_api_key", "no"), 401)
    TALK = talk("The larch boards go on with copper rivets.", "And the oak frames?", "Oak frames are steamed.")

    def test_the_extractive_engine_reads_what_the_model_could_not(self) -> None:
        with ScriptedServer(self.broken) as server, settings_of() as folder:
            settings = settings_for(server.url, llm_fallback="extractive", llm_folder=folder)
            extractive = load_engine("extractive", EMBEDDER)
            engine = load_llm_engine("openai", EMBEDDER, settings, extractive=lambda: extractive)
            read = engine.annotate(self.TALK)
        assert isinstance(engine, FallbackEngine)
        self.assertEqual(read, extractive.annotate(self.TALK))
        self.assertEqual(engine.fallen_back, 1)
        self.assertRegex(engine.name, r"openai/some-model/tags-\d+\|extractive")

    def test_another_provider_reads_when_it_is_set_so(self) -> None:
        answer = {"tags": [{"text": "oak frames", "aspect": "topic"}], "facts": []}
        with (
            ScriptedServer(self.broken) as first,
            ScriptedServer(Scripted(claude(answer))) as second,
            settings_of() as folder,
        ):
            settings = settings_for(
                first.url, llm_fallback="anthropic", anthropic_base_url=second.url, llm_folder=folder
            )
            read = load_engine("openai", EMBEDDER, settings).annotate(self.TALK)
        self.assertEqual([tag.text for tag in read.tags], ["oak frames"])
        self.assertEqual(second.asked[0].path, "/v1/messages")

    def test_personal_data_is_masked_before_it_is_sent_where_that_is_set(self) -> None:
        private = talk("I am Wilhelmina Oosterhuis, call me at +1 415 555 0132.", "The oak frames are steamed.")
        answer = Scripted(chat({"tags": [{"text": "oak frames", "aspect": "topic"}], "facts": []}))
        for masks in (True, False):
            with ScriptedServer(answer) as server, settings_of() as folder:
                settings = settings_for(server.url, llm_mask=masks, llm_folder=folder)
                read = load_engine("openai", EMBEDDER, settings).annotate(private)
            sent = server.asked[0].body["messages"][1]["content"]
            self.assertEqual(("Oosterhuis" in sent, "555 0132" in sent), (not masks, not masks))
            self.assertEqual([profile.participant for profile in read.profiles], ["Ann", "Ben"])

    def test_without_a_fallback_the_failure_is_told(self) -> None:
        with ScriptedServer(self.broken) as server, settings_of() as folder, self.assertRaises(LlmError):
            load_engine("openai", EMBEDDER, settings_for(server.url, llm_folder=folder)).annotate(self.TALK)

    def test_an_engine_without_its_key_is_refused_when_it_is_loaded(self) -> None:
        with self.assertRaises(LlmKeyMissingError):
            load_engine("anthropic", EMBEDDER)


if __name__ == "__main__":
    unittest.main()
