"""The engine that asks a language model, from a talk to its ground truth, against a server that answers what is written down."""

import json
import tempfile
import unittest
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from conversation_genome.cli.app import app
from conversation_genome.conversation import Conversation, Window
from conversation_genome.engines.llm.engine import LlmEngine
from conversation_genome.engines.loading import load_engine
from conversation_genome.errors import LlmQuotaError
from conversation_genome.tasks.conversation_tagging.tagging import ConversationTagging
from tests_ap.environment import settings_of
from tests_ap.examples import ready_embedder
from tests_ap.unit.engines.talks import talk
from tests_ap.unit.llm.rig import model_at, settings_for
from tests_ap.unit.llm.scripted_server import Scripted, ScriptedServer, chat, openai_error

TALK = talk(
    "I am a carpenter and we restore wooden boats.",
    "How do you bend the oak frames?",
    "In a steam box, then we rivet the oak frames.",
    "And the larch boards?",
    "The larch boards go on with copper rivets.",
)
OAK, LARCH = {"text": "oak frames", "aspect": "product"}, {"text": "larch boards", "aspect": "product"}
CARPENTER = {"speaker": "SPEAKER_0", "kind": "role", "text": "carpenter", "lines": [0]}
READING = Scripted(chat({"tags": [OAK, LARCH], "facts": [CARPENTER]}))
WINDOWS = [
    Window(conversation_id=TALK.id, level=2, start=0, end=3),
    Window(conversation_id=TALK.id, level=2, start=3, end=5),
]


class LlmEngineTest(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def engine(self, *script: Scripted, segment_tokens: int = 1_000) -> tuple[LlmEngine, ScriptedServer]:
        server = self.enterContext(ScriptedServer(*script))
        model = model_at(server.url, self.folder)
        return (
            LlmEngine(model, ready_embedder(), segment_tokens=segment_tokens, max_output_tokens=500),
            server,
        )

    def test_tags_and_facts_come_with_real_names_and_line_numbers(self) -> None:
        engine, _ = self.engine(READING)
        read = engine.annotate(TALK)
        self.assertEqual(
            [(tag.text, tag.aspect.value) for tag in read.tags],
            [("oak frames", "product"), ("larch boards", "product")],
        )
        facts = {one.participant: [(fact.text, fact.evidence) for fact in one.facts] for one in read.profiles}
        self.assertEqual(facts, {"Ann": [("carpenter", (0,))], "Ben": []})

    def test_a_conversation_is_read_once_for_its_tags_and_its_windows(self) -> None:
        engine, server = self.engine(READING, Scripted(chat({"tags": [OAK]})))
        truth = ConversationTagging().generate(TALK, WINDOWS, engine)
        self.assertEqual(len(server.asked), 1 + len(WINDOWS))
        self.assertEqual([tag.text for tag in truth.windows[WINDOWS[0].id]], ["oak frames"])

    def test_a_window_is_asked_about_with_what_the_whole_talk_is_about_beside_it(self) -> None:
        engine, server = self.engine(READING, Scripted(chat({"tags": [OAK]})))
        engine.annotate_windows(TALK, WINDOWS)
        sent = server.asked[-1].body["messages"][1]["content"]
        self.assertRegex(sent, r"(?s)^<context-[0-9a-f]{16}>\noak frames\nlarch boards\n</context-")
        self.assertRegex(sent, r"<conversation-[0-9a-f]{16}>\n[03] SPEAKER_")

    def test_a_talk_of_several_parts_counts_each_meaning_once(self) -> None:
        engine, server = self.engine(READING, segment_tokens=40)
        read = engine.annotate(TALK)
        self.assertGreater(len(server.asked), 1)
        self.assertEqual([tag.text for tag in read.tags], ["oak frames", "larch boards"])

    def test_a_long_name_of_a_model_fits_into_a_ground_truth(self) -> None:
        server = self.enterContext(ScriptedServer(READING, Scripted(chat({"tags": [OAK]}))))
        settings = settings_for(
            server.url, openai_model="some-lab/" + "x" * 200, llm_folder=self.folder, llm_fallback="extractive"
        )
        engine = load_engine("agreement-openai", ready_embedder(), settings)
        self.assertLessEqual(len(ConversationTagging().generate(TALK, WINDOWS, engine).engine), 100)

    def test_a_failure_of_one_part_is_told_and_nothing_is_made_up(self) -> None:
        engine, _ = self.engine(READING, Scripted(openai_error("insufficient_quota", "no"), 429), segment_tokens=40)
        with self.assertRaises(LlmQuotaError):
            engine.annotate(TALK)

    def test_the_ground_truth_is_what_the_model_and_the_offline_engine_agree_on(self) -> None:
        server = self.enterContext(ScriptedServer(READING, Scripted(chat({"tags": [OAK, LARCH]}))))
        row = self.ground_truth(server.url)
        self.assertRegex(row["engine"], r"^openai/some-model/tags-\d+\+extractive")
        self.assertEqual({"oak frames", "larch boards"} - {tag["text"] for tag in row["tags"]}, set())
        self.assertTrue(all(window["tags"] for window in row["windows"]))

    def test_no_model_is_paid_for_a_talk_that_is_garbled_empty_or_one_sided(self) -> None:
        refused = {
            "garbled": talk(*["#### %%%% @@@@ ////", "$$ && ** (( )) __ ++"] * 4),
            "empty": talk("Hello.", "Hi there."),
            "one-sided": talk("Oh.", "The larch boards go on with copper rivets, one every three inches. " * 6),
        }
        server = self.enterContext(ScriptedServer(READING, Scripted(chat({"tags": [OAK]}))))
        for kind, given in refused.items():
            with self.subTest(kind):
                self.ground_truth(server.url, given)
                self.assertEqual(server.asked, [])
        self.ground_truth(server.url)
        self.assertGreater(len(server.asked), 0)

    def ground_truth(self, url: str, given: Conversation = TALK) -> dict[str, Any]:
        file, out = self.folder / "talk.jsonl", self.folder / "truth.jsonl"
        file.write_text(json.dumps(given.to_record()), encoding="utf-8")
        variables = {
            "CGP_OPENAI_BASE_URL": f"{url}/v1",
            "CGP_OPENAI_MODEL": "some-model",
            "CGP_LLM_FOLDER": str(self.folder),
        }
        with settings_of(**variables):
            done = CliRunner().invoke(
                app, ["ground-truth", str(file), "--out", str(out), "--engine", "agreement-openai"]
            )
        self.assertEqual(done.exit_code, 0, done.exception)
        return dict(json.loads(out.read_text(encoding="utf-8")))


if __name__ == "__main__":
    unittest.main()
