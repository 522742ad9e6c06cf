"""How a report tells the kinds of miner apart: a colour, a shape and a sentence for each."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class KindLook:
    """One kind of miner as a reader meets it."""

    name: str
    colour: str
    """A custom property of the page, so that light and dark each have their own."""
    marker: str
    """Name of the shape in Matplotlib."""
    shape: str
    """The same shape as an SVG path in a box of 12."""
    about: str


COPIER: Final = "copier"
_CIRCLE: Final = "M6 1a5 5 0 1 1 0 10a5 5 0 1 1 0-10z"
_SQUARE: Final = "M1.5 1.5h9v9h-9z"
_DIAMOND: Final = "M6 .5L11.5 6L6 11.5L.5 6z"
_UP: Final = "M6 1L11.5 10.5H.5z"
_DOWN: Final = "M6 11L.5 1.5H11.5z"
_PLUS: Final = "M4 1h4v3h3v4h-3v3h-4v-3h-3v-4h3z"
_CROSS: Final = "M3.2 .6L6 3.4L8.8 .6L11.4 3.2L8.6 6L11.4 8.8L8.8 11.4L6 8.6L3.2 11.4L.6 8.8L3.4 6L.6 3.2z"

LOOKS: Final = (
    KindLook("honest (deep)", "--k1", "o", _CIRCLE, "Reads every window closely and answers with what it found."),
    KindLook("honest (light)", "--k2", "s", _SQUARE, "Reads honestly but quickly, and answers with less."),
    KindLook(COPIER, "--k3", "D", _DIAMOND, "Reads nothing; hands in another miner's answer as its own."),
    KindLook("stuffer", "--k4", "^", _UP, "Throws in as many tags as it may, hoping that some are right."),
    KindLook("random", "--k5", "X", _CROSS, "Answers with tags drawn at random."),
    KindLook("slow", "--k6", "v", _DOWN, "Answers only after the deadline."),
    KindLook("malformed", "--k7", "P", _PLUS, "Answers with something that is not the agreed format."),
)
_BY_NAME: Final = {look.name: look for look in LOOKS}


def look_of(kind: str) -> KindLook:
    """Return how a kind is shown; a kind that is not known by name is grey."""
    return _BY_NAME.get(kind) or KindLook(kind, "--muted", "o", _CIRCLE, "")
