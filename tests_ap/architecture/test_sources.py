"""What no file of the project holds: prints, home folders, too many lines, settings read behind one's back."""

import ast
import re
import unittest
from pathlib import Path

from tests_ap.architecture.tree import PACKAGES, name_of, python_files, tracked_files

MAX_LINES = 400
HOME_FOLDER = re.compile(r"(?<![\w.])/(?:home|root|Users|work)/[A-Za-z0-9._-]+")
TEXT_SUFFIXES = {".py", ".sh", ".md", ".toml", ".txt", ".env", ".yml", ".html", ".ini", ".mako", ""}
READERS_OF_THE_ENVIRONMENT = {
    "conversation_genome/settings.py",
    "conversation_genome/configuration/sources.py",
}
VERBS = "conversation_genome/cli/"
"""A verb is an entry point: it may read a variable that the user names, such as an API key's."""


def calls(path: Path) -> list[str]:
    """Return the dotted names of everything that a file calls or looks up."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Name | ast.Attribute)]


class Sources(unittest.TestCase):
    def test_no_library_code_prints(self) -> None:
        guilty = [name_of(path) for path in python_files(*PACKAGES) if "print" in calls(path)]
        self.assertEqual(guilty, [])

    def test_the_environment_is_read_where_settings_are(self) -> None:
        def reads(path: Path) -> bool:
            return bool({"os.environ.get", "os.getenv"} & set(calls(path)))

        guilty = {name_of(path) for path in python_files(*PACKAGES) if reads(path)} - READERS_OF_THE_ENVIRONMENT
        self.assertEqual([name for name in guilty if not name.startswith(VERBS)], [])

    def test_no_python_file_is_longer_than_400_lines(self) -> None:
        lengths = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in python_files()}
        self.assertEqual({name: length for name, length in lengths.items() if length > MAX_LINES}, {})

    def test_no_file_names_a_home_folder(self) -> None:
        found = [
            f"{name_of(path)}: {match}"
            for path in tracked_files()
            if path.suffix in TEXT_SUFFIXES and path != Path(__file__).resolve()
            for match in HOME_FOLDER.findall(path.read_text(encoding="utf-8"))
        ]
        self.assertEqual(found, [])

    def test_every_module_says_what_it_is_for(self) -> None:
        silent = [
            name_of(path)
            for path in python_files()
            if path.stat().st_size and not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
        ]
        self.assertEqual([name for name in silent if name.startswith(PACKAGES)], [])


if __name__ == "__main__":
    unittest.main()
