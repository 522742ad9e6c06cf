"""The tracked files of the project, as the architecture tests look at them."""

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests_ap.environment import ROOT

LIBRARY: Final = "conversation_genome"
PACKAGES: Final = (LIBRARY, "miner", "validators", "conversation_server")


def tracked_files() -> list[Path]:
    """Return the project's files: those that git knows, or all but the ignored folders where there is no git."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode == 0:
        return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]
    ignored = {".git", ".venv", "models", "local-subnet", "test-reports", "__pycache__", "build", "dist"}
    return [path for path in ROOT.rglob("*") if path.is_file() and not ignored & set(path.relative_to(ROOT).parts)]


def python_files(*folders: str) -> list[Path]:
    """Return the Python files in these folders of the project, or all of them."""
    files = [path for path in tracked_files() if path.suffix == ".py"]
    return [path for path in files if not folders or path.relative_to(ROOT).parts[0] in folders]


def name_of(path: Path) -> str:
    """Return the path as a reader of the project names it."""
    return path.relative_to(ROOT).as_posix()


def imports_of(path: Path) -> Iterator[str]:
    """Yield the top-level name of every module that a file imports."""
    for name in names_imported_by(path):
        yield name.split(".")[0]


def names_imported_by(path: Path) -> Iterator[str]:
    """Yield what a file imports, in full: `package.module` or `package.module.name`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
