"""A window of ten lines about ten things, and what miners say of it."""

from conversation_genome.scoring.copies import Statement

THINGS = ("glacier", "trumpet", "harbour", "beehive", "comet", "pottery", "marathon", "orchid", "lantern", "violin")
LINES = {number: f"Yesterday I thought of a {thing} at length." for number, thing in enumerate(THINGS)}


def reader(*hidden: int, tags: int = 10, seconds: float = 1.0) -> Statement:
    """Return what a miner says who tags everything that it is shown."""
    shown = frozenset(LINES) - set(hidden)
    return Statement(shown, tuple(THINGS[number] for number in sorted(shown))[:tags], seconds=seconds)


def copier(source: Statement, *hidden: int, tags: tuple[str, ...] | None = None, seconds: float = 2.0) -> Statement:
    """Return what a miner says who was shown other lines and takes what the source says, or `tags`."""
    return Statement(frozenset(LINES) - set(hidden), source.tags if tags is None else tags, seconds=seconds)
