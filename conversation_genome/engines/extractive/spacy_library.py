"""The one import of spaCy, without PyTorch: what runs here needs none, and would wait 2 s and 200 MB for it.

spaCy's thinc imports PyTorch wherever it is installed. While spaCy is imported, `import torch` fails as if it
were not; whoever needs it later imports it as ever.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

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
    import spacy.util

__all__ = ["spacy"]
