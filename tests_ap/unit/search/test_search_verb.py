"""`cgp search` and `cgp setup` on the command line."""

import io
import json
import shutil
import tempfile
import unittest
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from typer.testing import CliRunner

from conversation_genome.cli.app import app
from conversation_genome.cli.search_showing import show_health
from conversation_genome.errors import InputError
from conversation_genome.search.index import ConversationIndex
from conversation_genome.search.indexing import vector_model
from conversation_genome.vector_store.base import Health
from conversation_genome.vector_store.by_model import LanceVectorStores
from tests_ap.unit.embedding.model_fixture import models_path, real_embedder
from tests_ap.unit.search.talks import TALKS, merged


class SearchVerbTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.store = Path(tempfile.mkdtemp())
        cls.addClassCleanup(shutil.rmtree, cls.store)
        index = ConversationIndex(
            LanceVectorStores(cls.store, main=vector_model(real_embedder().model)), real_embedder()
        )
        for conversation_id in TALKS:
            index.upsert(merged(conversation_id))

    def run_verb(self, *arguments):
        return CliRunner().invoke(app, list(arguments), env={"CGP_MODELS_PATH": str(models_path()), "COLUMNS": "120"})

    def test_hits_show_the_line_the_reason_and_the_tags(self):
        output = self.run_verb("search", "flat", "loaves", "--store", str(self.store), "--limit", "1").output
        for part in (
            "bread (test)",
            "> Bob: I baked two loaves on Sunday",
            "found because:",
            "tags: sourdough, baking",
        ):
            self.assertIn(part, output)

    def test_json_is_one_object_with_the_query_and_the_hits(self):
        result = self.run_verb("search", "night trains", "--store", str(self.store), "--json")
        answer = json.loads(result.stdout)
        self.assertEqual((answer["query"], answer["hits"][0]["conversation_id"]), ("night trains", "trains"))

    def test_the_next_page_goes_on_where_the_first_ended(self):
        first = json.loads(self.run_verb("search", "bed", "--store", str(self.store), "--limit", "1", "--json").stdout)
        onward = self.run_verb(
            "search", "bed", "--store", str(self.store), "--limit", "1", "--json", "--cursor", first["next_cursor"]
        )
        self.assertNotEqual(json.loads(onward.stdout)["hits"], first["hits"])

    def test_verify_tells_the_recall_of_the_index_and_is_asked_of_a_store_alone(self):
        told = self.run_verb("search", "--verify", "--store", str(self.store))
        self.assertIn("no index: every vector is looked at, nothing is missed", " ".join(told.output.split()))
        answer = json.loads(self.run_verb("search", "--verify", "--store", str(self.store), "--json").stdout)
        [store] = answer["stores"]
        self.assertIsNone(store["recall"])
        self.assertGreater(store["records"], len(TALKS))
        result = self.run_verb("search", "--verify", "--server", "http://127.0.0.1:1")
        self.assertIsInstance(result.exception, InputError)
        self.assertIn("give it by --store", str(result.exception))

    def test_a_recall_that_is_too_low_is_shown_with_the_remedy(self):
        low = Health(records=30_000, recall=0.97, filtered_recall=0.9)
        with redirect_stderr(io.StringIO()) as err, redirect_stdout(io.StringIO()) as out:
            show_health({"a-model": low})
        shown = err.getvalue() + out.getvalue()
        self.assertIn("30,000 records, recall@10 of the index 0.970, 0.900 with a filter", shown)
        self.assertIn("cgp db reindex", shown)

    def test_a_wrong_query_is_bad_input_with_the_column(self):
        result = self.run_verb("search", "bread AND", "--store", str(self.store))
        self.assertIsInstance(result.exception, InputError)
        self.assertIn("column 10 of the query: AND is followed by nothing", str(result.exception))

    def test_conditions_narrow(self):
        result = self.run_verb("search", "bed -tag:travel", "--store", str(self.store), "--json")
        self.assertNotIn("trains", [hit["conversation_id"] for hit in json.loads(result.stdout)["hits"]])

    def test_similar_talks_neighbours_and_trends_are_shown(self):
        store = str(self.store)
        self.assertIn("no conversation is like", self.run_verb("search", "--similar", "dog", "--store", store).output)
        self.assertIn("sourdough", self.run_verb("search", "--neighbours", "Baking", "--store", store).output)
        self.assertIn("nothing can rise or fall", self.run_verb("search", "--trends", "--store", store).output)

    def test_one_thing_is_asked_at_a_time(self):
        for arguments in ((), ("bread", "--trends"), ("--similar", "a", "--neighbours", "b")):
            result = self.run_verb("search", *arguments, "--store", str(self.store))
            self.assertIsInstance(result.exception, InputError, arguments)

    def test_nothing_found_is_said_and_no_failure(self):
        result = self.run_verb("search", "quarterly tax return form", "--store", str(self.store))
        self.assertEqual((result.exit_code, result.stdout), (0, ""))
        self.assertIn("nothing was found", result.stderr)

    def test_a_folder_without_a_store_is_bad_input(self):
        result = self.run_verb("search", "bread", "--store", str(self.store / "no"))
        self.assertIsInstance(result.exception, InputError)
        self.assertIn("holds no vector store", str(result.exception))

    def test_a_store_and_a_server_exclude_each_other(self):
        result = self.run_verb("search", "bread", "--store", str(self.store), "--server", "http://127.0.0.1:1")
        self.assertIsInstance(result.exception, InputError)

    def test_setup_says_that_the_model_is_already_there(self):
        result = self.run_verb("setup", "--models", str(models_path()), "--json")
        self.assertEqual(json.loads(result.stdout)["state"], "already there")
