"""Files for the tests of the readers: text in, path out."""

import json
import tempfile
import unittest
from pathlib import Path
from typing import Any

from conversation_genome.conversation import Conversation
from conversation_genome.sources.registry import read_source


class SourceTestCase(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def file(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def json_file(self, name: str, value: Any) -> Path:
        return self.file(name, json.dumps(value, ensure_ascii=False))

    def only(self, path: Path, format_name: str = "auto") -> Conversation:
        conversations = list(read_source(path, format_name))
        self.assertEqual(len(conversations), 1)
        return conversations[0]


def said(conversation: Conversation) -> list[tuple[str, str]]:
    return [(conversation.participants[line.speaker], line.text) for line in conversation.lines]
