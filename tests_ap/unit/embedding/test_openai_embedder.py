"""OpenAI embeddings: the true name travels, vectors are unit, batches are bounded, another model is refused."""

import hashlib
import json
import math
import tempfile
import unittest
from pathlib import Path
from typing import Any

import numpy as np
from typer.testing import CliRunner

from conversation_genome.cli.app import app
from conversation_genome.embedding.openai import MAX_BATCH_TEXTS, OpenAiEmbedder, load_openai_embedder
from conversation_genome.errors import LlmAnswerError, LlmBudgetError
from conversation_genome.llm.loading import load_calls
from conversation_genome.llm.openai import OpenAiProvider
from conversation_genome.llm_settings import LlmSettings
from tests_ap.environment import settings_of
from tests_ap.examples import ready_embedder
from tests_ap.unit.llm.rig import settings_for
from tests_ap.unit.llm.scripted_server import Asked, Scripted, ScriptedServer


class EmbeddingServer(ScriptedServer):
    """Speaks OpenAI's embeddings: a vector of a text's digest, the rows in reverse order."""

    model = "text-embedding-3-small"
    dimensions = 8

    def _next(self, asked: Asked) -> Scripted:
        self.asked.append(asked)
        rows = [
            {"object": "embedding", "index": index, "embedding": self._vector(text)}
            for index, text in enumerate(asked.body["input"])
        ]
        usage = {"prompt_tokens": len(rows), "total_tokens": len(rows)}
        body: dict[str, Any] = {"object": "list", "data": rows[::-1], "model": self.model, "usage": usage}
        return Scripted(body)

    def _vector(self, text: str) -> list[float]:
        return [float(byte) + 1 for byte in hashlib.sha256(text.encode()).digest()[: self.dimensions]]


class OpenAiEmbedderTest(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.server = self.enterContext(EmbeddingServer())

    def settings(self, **settings: Any) -> LlmSettings:
        return settings_for(self.server.url, llm_folder=self.folder, **settings)

    def test_vectors_are_unit_and_in_the_order_of_the_texts(self) -> None:
        vectors = load_openai_embedder(self.settings()).embed(["one", "two"])
        expected = np.array([self.server._vector(text) for text in ("one", "two")])
        np.testing.assert_allclose(vectors, expected / np.linalg.norm(expected, axis=1, keepdims=True), atol=1e-6)
        self.assertEqual(vectors.dtype, np.float32)

    def test_the_name_that_travels_is_the_servers_own(self) -> None:
        self.server.model = "text-embedding-3-small-2026-10-01"
        model = load_openai_embedder(self.settings()).model
        self.assertEqual((model.name, model.dimensions), ("text-embedding-3-small-2026-10-01", 8))
        self.assertEqual(f"http://{model.revision}", self.server.url)

    def test_many_texts_go_in_bounded_batches(self) -> None:
        embedder = load_openai_embedder(self.settings())
        texts = [f"text {number}" for number in range(600)]
        self.assertEqual(embedder.embed(texts).shape, (600, 8))
        sizes = [len(asked.body["input"]) for asked in self.server.asked[1:]]
        self.assertEqual((len(sizes), max(sizes)), (math.ceil(600 / MAX_BATCH_TEXTS), MAX_BATCH_TEXTS))

    def test_no_text_is_longer_or_emptier_than_the_api_takes(self) -> None:
        load_openai_embedder(self.settings()).embed(["", "ß" * 100_000, "\0", "\ud800"])
        sent = self.server.asked[-1].body["input"]
        self.assertTrue(all(0 < len(text.encode()) <= 8_000 for text in sent))

    def test_the_verb_writes_bought_vectors_with_the_name_of_their_model(self) -> None:
        file, out = self.folder / "talk.jsonl", self.folder / "tags.jsonl"
        record = {"id": "boat", "participants": ["Ann"], "lines": [[0, "The larch boards go on with copper rivets."]]}
        file.write_text(json.dumps(record), encoding="utf-8")
        ready_embedder()
        variables = {"CGP_OPENAI_BASE_URL": f"{self.server.url}/v1", "CGP_LLM_FOLDER": str(self.folder)}
        with settings_of(**variables):
            done = CliRunner().invoke(app, ["tag", str(file), "--out", str(out), "--embeddings", "openai"])
        self.assertEqual(done.exit_code, 0, done.output)
        row = json.loads(out.read_text(encoding="utf-8"))
        self.assertEqual((row["embedding_model"]["name"], len(row["embedding"])), ("text-embedding-3-small", 8))

    def test_no_texts_make_no_request(self) -> None:
        embedder = load_openai_embedder(self.settings())
        self.assertEqual(embedder.embed([]).shape, (0, 8))
        self.assertEqual(len(self.server.asked), 1)

    def test_vectors_of_another_model_are_refused(self) -> None:
        embedder = load_openai_embedder(self.settings())
        self.server.model = "another"
        with self.assertRaisesRegex(LlmAnswerError, "cannot be compared"):
            embedder.embed(["one"])

    def test_embeddings_are_paid_from_the_same_budget(self) -> None:
        settings = self.settings(llm_max_tokens_per_run=1)
        provider = OpenAiProvider(api_key="", base_url=settings.openai_base_url, model="text-embedding-3-small")
        with self.assertRaises(LlmBudgetError):
            OpenAiEmbedder(provider, load_calls(settings))
        self.assertEqual(self.server.asked, [])


if __name__ == "__main__":
    unittest.main()
