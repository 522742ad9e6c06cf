"""Every exception class stands in the one tree, with a code of its own."""

import ast
import importlib
import inspect
import unittest
from collections import Counter

from conversation_genome import errors
from conversation_genome.errors import ConversationGenomeError
from tests_ap.architecture.tree import LIBRARY, PACKAGES, name_of, python_files

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
        strangers = [
            cls.__qualname__ for cls in self.classes_elsewhere() if not issubclass(cls, ConversationGenomeError)
        ]
        self.assertEqual(strangers, [])

    def test_the_library_draws_all_of_its_errors_in_one_place(self) -> None:
        self.assertEqual([cls.__name__ for cls in self.classes_elsewhere() if cls.__module__.startswith(LIBRARY)], [])

    def test_a_role_gives_its_own_errors_codes_of_their_own(self) -> None:
        codes = Counter(vars(cls).get("code") for cls in [*error_classes(), *self.classes_elsewhere()])
        self.assertEqual([code for code, count in codes.items() if code is None or count > 1], [])

    def classes_elsewhere(self) -> list[type[Exception]]:
        """Return the exception classes that are defined in another module than errors.py."""
        found = []
        for path in python_files(*PACKAGES):
            nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            names = [node.name for node in nodes if isinstance(node, ast.ClassDef)]
            module = name_of(path).removesuffix(".py").replace("/", ".")
            errors_here = [name for name in names if name.endswith(("Error", "Exception"))]
            found += [getattr(importlib.import_module(module), name) for name in errors_here]
        return [cls for cls in found if cls.__module__ != errors.__name__]


if __name__ == "__main__":
    unittest.main()
