"""A conversation is published only under a licence that is known to let it be passed on."""

import re
from typing import Final

_NO_WORD: Final = re.compile(r"[^a-z0-9.]+")

PERMITTED: Final = {
    "mit": "MIT",
    "apache 2.0": "Apache-2.0",
    "bsd 2 clause": "BSD-2-Clause",
    "bsd 3 clause": "BSD-3-Clause",
    "cc0": "CC0-1.0",
    "cc0 1.0": "CC0-1.0",
    "cc by 2.0": "CC-BY-2.0",
    "cc by 2.5": "CC-BY-2.5",
    "cc by 3.0": "CC-BY-3.0",
    "cc by 4.0": "CC-BY-4.0",
    "cc by sa 2.0": "CC-BY-SA-2.0",
    "cc by sa 2.5": "CC-BY-SA-2.5",
    "cc by sa 3.0": "CC-BY-SA-3.0",
    "cc by sa 4.0": "CC-BY-SA-4.0",
    "cdla sharing 1.0": "CDLA-Sharing-1.0",
    "cdla permissive 1.0": "CDLA-Permissive-1.0",
    "cdla permissive 2.0": "CDLA-Permissive-2.0",
    "odbl": "ODbL-1.0",
    "odbl 1.0": "ODbL-1.0",
    "odc by": "ODC-By-1.0",
    "odc by 1.0": "ODC-By-1.0",
    "pddl": "PDDL-1.0",
    "pddl 1.0": "PDDL-1.0",
    "unlicense": "Unlicense",
    "public domain": "Public-Domain",
}
"""How a licence is written, in plain words, and its SPDX identifier. None of them forbids changes or commerce."""


def redistribution_licence(statement: str | None) -> str | None:
    """Return the SPDX identifier of a licence that lets the text be passed on, else None.

    A source may add to the name what it likes (`CC BY-SA 4.0 (c) somebody`); the name comes first.
    """
    words = _NO_WORD.sub(" ", (statement or "").lower()).split()
    for length in range(min(len(words), 4), 0, -1):
        identifier = PERMITTED.get(" ".join(words[:length]))
        if identifier is not None:
            return identifier
    return None
