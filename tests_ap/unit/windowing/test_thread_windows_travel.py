"""A window whose lines are not neighbours, from the import to the lease, the miner, the grading and the search."""

import json
import tempfile
import unittest
from pathlib import Path
from typing import Any, ClassVar

from typer.testing import CliRunner

from conversation_genome.annotation import Aspect, Tag
from conversation_genome.cli.app import app
from conversation_genome.conversation import Window
from conversation_genome.publishing.rows import Provenance, window_rows
from conversation_genome.record import WindowRecord
from conversation_genome.search.indexing import vector_records
from conversation_genome.tasks.conversation_tagging.tagging import ConversationTagging
from conversation_genome.tasks.conversation_tagging.variation import fair_references, showing
from conversation_genome.testing.embedder import HashEmbedder
from tests_ap.unit.search.talks import merged
from tests_ap.unit.server.rig import ServerCase
from tests_ap.unit.windowing.test_threads import NAMES, PRINTER, SOUND, chat, woven

CHAT = chat(*woven(PRINTER, SOUND), license="MIT")
PRINTERS = Window(conversation_id=CHAT.id, level=2, start=0, end=11, thread=0, lines=(0, 2, 4, 6, 8, 10))


class TravelTest(unittest.TestCase):
    def test_a_miner_is_sent_the_lines_of_the_thread_alone(self) -> None:
        task = ConversationTagging().mask(CHAT, PRINTERS, task_id="task", max_tags=5, timeout_seconds=1)
        self.assertEqual([text for _, text in task.lines], [text for _, text in PRINTER])
        self.assertEqual(len(task.participants), 2)

    def test_what_another_thread_says_in_between_was_not_left_out(self) -> None:
        headphones = Tag(text="headphones", aspect=Aspect.TOPIC, weight=1.0)
        self.assertEqual(fair_references(CHAT, PRINTERS, (headphones,)), (headphones,))

    def test_a_reference_that_stands_in_a_left_out_line_alone_is_not_asked_for(self) -> None:
        driver = Tag(text="driver", aspect=Aspect.TOPIC, weight=1.0)
        shown = showing(PRINTERS, PRINTERS.numbers[:-1])
        self.assertEqual((shown.id, shown.left_out), (PRINTERS.id, (10,)))
        self.assertEqual(fair_references(CHAT, shown, (driver,)), ())

    def test_search_finds_the_lines_of_the_thread_alone(self) -> None:
        window = WindowRecord(
            **PRINTERS.model_dump(exclude={"conversation_id", "left_out"}), window_id="w", tags=(), answers=1
        )
        record = merged("chat", [], ["hello"]).model_copy(update={"conversation": CHAT, "windows": (window,)})
        text = next(one.text for one in vector_records(record, HashEmbedder()) if one.part == "w")
        self.assertEqual(text.split("\n"), [f"{NAMES[speaker]}: {line}" for speaker, line in PRINTER])

    def test_the_dataset_names_the_thread_and_its_lines(self) -> None:
        window = WindowRecord(
            **PRINTERS.model_dump(exclude={"conversation_id", "left_out"}), window_id="w", tags=(), answers=1
        )
        record = merged("chat", [], ["hello"]).model_copy(update={"windows": (window,)})
        (row,) = window_rows(record, Provenance.of(record, licence="CC0-1.0", revision="0" * 64))
        self.assertEqual((row["thread"], row["lines"]), (0, [0, 2, 4, 6, 8, 10]))

    def test_the_verb_writes_thread_and_lines(self) -> None:
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        file, out = folder / "chat.jsonl", folder / "windows.jsonl"
        file.write_text(json.dumps(CHAT.to_record()) + "\n", encoding="utf-8")
        options = ["windows", str(file), "--out", str(out), "--boundaries", "words"]
        self.assertEqual(CliRunner().invoke(app, options).exit_code, 0)
        rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
        self.assertEqual([(row["level"], row.get("thread"), row.get("lines", [])[:2]) for row in rows],
                         [(0, None, []), (1, 0, [0, 2]), (1, 1, [1, 3]), (2, 0, [0, 2]), (2, 1, [1, 3])])  # fmt: skip


class LeaseTest(ServerCase):
    settings: ClassVar[dict[str, Any]] = {"server_window_boundaries": "words"}

    async def test_a_lease_holds_the_threads_of_a_chat(self) -> None:
        await self.admin.import_records([CHAT.to_record()])
        bundle = await self.alice.lease()
        windows = [(one.level, one.thread, one.lines) for one in bundle.windows if one.level]
        lines = ((0, 2, 4, 6, 8, 10), (1, 3, 5, 7, 9, 11))
        self.assertEqual(windows, [(level, thread, lines[thread]) for level in (1, 2) for thread in (0, 1)])


if __name__ == "__main__":
    unittest.main()
