"""Who takes part: each miner is an engine of some quality behind a hotkey, for some epochs.

Qualities are mean scores. In a run of `cgp local up` over the shipped samples (72 windows) the deep engine scored
0.838 +- 0.054, the light one 0.560 +- 0.129, tag stuffers 0.045, random words 0.022: honest engines lie between
0.45 and 0.85 here, lazy ones between 0.01 and 0.06.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from conversation_genome.annotation import Hotkey

SYBIL_QUALITY = 0.7
BEST, WORST = 0.85, 0.45
ALWAYS = 10**9


@dataclass(frozen=True, slots=True)
class SimulatedMiner:
    """One hotkey. Hotkeys of one engine give one answer, more or less varied."""

    hotkey: Hotkey
    kind: str
    quality: float
    engine: int
    owner: str
    detection: float = 0.0
    """How often two answers of this engine to one window are found to be copies."""
    copies_from: int | None = None
    """The engine's author is another's hotkey: this one copies."""
    joins: int = 0
    leaves: int = ALWAYS

    def is_present(self, epoch: int) -> bool:
        """Tell whether the hotkey is registered in an epoch."""
        return self.joins <= epoch < self.leaves


@dataclass(slots=True)
class Population:
    """Miners as they are added, each new engine with a number of its own."""

    miners: list[SimulatedMiner] = field(default_factory=list)
    engines: int = 0

    def add(self, kind: str, quality: float, *, engine: int | None = None, owner: str = "", **more: float) -> int:
        """Add a miner and return its engine."""
        if engine is None:
            engine, self.engines = self.engines, self.engines + 1
        hotkey = Hotkey(f"{kind}-{len(self.miners):03d}")
        miner = SimulatedMiner(hotkey, kind, quality, engine, owner or str(hotkey), **more)  # type: ignore[arg-type]
        self.miners.append(miner)
        return engine


def whole_economy(size: int, *, detection: float, epochs: int) -> list[SimulatedMiner]:
    """Return everybody: honest of all qualities, lazy, copiers, sybils, colluders, late joiners, leavers."""
    people = Population()
    counts = {"lazy": size // 10, "copier": size // 16, "late": size // 10, "leaver": size // 12}
    honest = size - sum(counts.values()) - 4 - 14
    engines = [people.add("honest", quality) for quality in _spread(honest, WORST, BEST)]
    for quality in _spread(counts["lazy"], 0.01, 0.06):
        people.add("lazy", quality)
    for number in range(counts["copier"]):
        author = len(engines) - 1 - 3 * number
        quality = people.miners[author].quality
        people.add("copier", quality, engine=engines[author], detection=detection, copies_from=author)
    for hotkeys in (2, 4, 8):
        _sybils(people, hotkeys, detection)
    for _ in range(4):
        people.add("colluder", 0.3)
    for quality in _spread(counts["late"], WORST + 0.01, BEST - 0.01):
        people.add("late", quality, joins=epochs * 3 // 10)
    for quality in _spread(counts["leaver"], WORST + 0.02, BEST - 0.02):
        people.add("leaver", quality, leaves=epochs * 6 // 10)
    return people.miners


def sybil_economy(
    size: int, *, detection: float, copies: int = 2, has_one_source: bool = False, joins: int = 0
) -> list[SimulatedMiner]:
    """Return honest miners, eight single hotkeys and owners of 2, 4 and 8, all of these of the same quality.

    Args:
        size: Miners in all.
        detection: How often two answers of one engine to one window are found to be copies.
        copies: Owners of each number of hotkeys.
        has_one_source: The owner's first hotkey reads and the others hand in what it says; else all take turns.
        joins: The epoch in which owners and single hotkeys register.
    """
    people = Population()
    for quality in _spread(size - 8 - 14 * copies, WORST, BEST):
        people.add("honest", quality)
    for _ in range(8):
        people.add("single", SYBIL_QUALITY, joins=joins)
    for _ in range(copies):
        for hotkeys in (2, 4, 8):
            _sybils(people, hotkeys, detection, has_one_source=has_one_source, joins=joins)
    return people.miners


def _sybils(
    people: Population, hotkeys: int, detection: float, *, has_one_source: bool = False, joins: int = 0
) -> None:
    kind, owner, first = f"sybil{hotkeys}", f"sybil{hotkeys}-owner-{len(people.miners)}", len(people.miners)
    more: dict[str, float] = {"detection": detection, "joins": joins}
    engine = people.add(kind, SYBIL_QUALITY, owner=owner, **more)
    if has_one_source:
        more["copies_from"] = first
    for _ in range(hotkeys - 1):
        people.add(kind, SYBIL_QUALITY, engine=engine, owner=owner, **more)


def _spread(count: int, lowest: float, highest: float) -> Iterator[float]:
    for place in range(count):
        yield lowest + (highest - lowest) * place / max(1, count - 1)
