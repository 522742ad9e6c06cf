"""Every exception class stands in the one tree, with a code of its own."""

import ast
import importlib
import inspect
import unittest
from collections import Counter

from conversation_genome import errors
from conversation_genome.errors import ConversationGenomeError
from tests_ap.architecture.tree import PACKAGES, name_of, python_files

FRAMES = "│├└─ "


def error_classes() -> list[type[ConversationGenomeError]]:
    return [
        member
        for _, member in inspect.getmembers(errors, inspect.isclass)
        if issubclass(member, ConversationGenomeError) and member.__module__ == errors.__name__
    ]


def drawn_tree() -> dict[str, str | None]:
    """Return each class in the drawing with the class that it hangs from."""
    parents: dict[str, str | None] = {}
    above: list[tuple[int, str]] = []
    for line in (errors.__doc__ or "").splitlines():
        words = line.strip(FRAMES).split()
        if not words or not words[0].endswith("Error") or (line[0] not in FRAMES and above):
            continue
        depth = len(line) - len(line.lstrip(FRAMES))
        above = [(other, name) for other, name in above if other < depth]
        parents[words[0]] = above[-1][1] if above else None
        above.append((depth, words[0]))
    return parents


class ErrorTree(unittest.TestCase):
    def test_the_drawing_shows_every_class_under_its_parent(self) -> None:
        root = ConversationGenomeError
        real = {cls.__name__: None if cls is root else cls.__mro__[1].__name__ for cls in error_classes()}
        self.assertEqual(drawn_tree(), real)

    def test_every_class_has_a_code_of_its_own(self) -> None:
        codes = Counter(cls.code for cls in error_classes())
        self.assertEqual([code for code, count in codes.items() if count > 1], [])
        self.assertEqual([cls.__name__ for cls in error_classes() if "code" not in vars(cls)], [])

    def test_every_class_says_in_its_docstring_what_happened(self) -> None:
        self.assertEqual([cls.__name__ for cls in error_classes() if not vars(cls).get("__doc__")], [])

    def test_no_exception_class_lives_outside_the_tree(self) -> None:
        strangers = []
        for path in python_files(*PACKAGES):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ClassDef) and node.name.endswith(("Error", "Exception")):
                    module = importlib.import_module(name_of(path).removesuffix(".py").replace("/", "."))
                    if not issubclass(getattr(module, node.name), ConversationGenomeError):
                        strangers.append(f"{name_of(path)}: {node.name}")
        self.assertEqual(strangers, [])


if __name__ == "__main__":
    unittest.main()
