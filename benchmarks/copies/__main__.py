"""Measure false alarms and detection, and print them as Markdown: `python -m benchmarks.copies [--talks N] [--half N]`."""

import argparse
import itertools
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.copies.miners import copies, readers, set_vocabulary
from benchmarks.copies.talks import KINDS, talks
from conversation_genome.conversation import Conversation, Window
from conversation_genome.embedding.base import Embedder
from conversation_genome.embedding.loading import load_embedder
from conversation_genome.engines.loading import load_engine
from conversation_genome.scoring.copies import THRESHOLD, CopyEvidence, CopyMemory, Statement, clusters_of, compare
from conversation_genome.tasks.conversation_tagging.variation import editions, line_numbers
from conversation_genome.tasks.registry import task_type

SOURCES = ("deep", "light", "yake")
REACHES = (1, 2, 3, 5, 10, 20)
Pair = tuple[str, str]


@dataclass(frozen=True)
class Round:
    """One window's answers, and what they tell of each other."""

    kind: str
    talk: str
    evidence: CopyEvidence
    is_varied: bool

    def nats(self, pair: Pair) -> float:
        """Return what this window alone says of the first being copied from the second."""
        row = {name: index for index, name in enumerate(self.evidence.names)}
        return float(self.evidence.nats[row[pair[0]], row[pair[1]]])

    def is_found(self, pair: Pair) -> bool:
        """Tell whether that is enough."""
        return self.nats(pair) >= THRESHOLD


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--talks", type=int, default=20, help="conversations of a kind")
    parser.add_argument("--half", type=int, default=1, choices=(0, 1), help="0: the half tuned on, 1: the other")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--models", type=Path, default=Path("models"))
    chosen = parser.parse_args()
    embedder = load_embedder(chosen.models)
    set_vocabulary(frequent_words(chosen.talks, chosen.half))
    rounds = [
        one
        for kind in KINDS
        for conversation, _, asked in talks(kind, count=chosen.talks, half=chosen.half)
        for one in played(kind, conversation, asked, embedder, chosen.seed)
    ]
    print(f"half {chosen.half}, {chosen.talks} conversations of a kind, seed {chosen.seed}\n")
    print_rounds(rounds)
    varied = [one for one in rounds if one.is_varied]
    print_false_alarms(varied)
    print_detection(varied)
    print_authors(varied)


def frequent_words(count: int, half: int) -> list[str]:
    texts = (line.text for kind in KINDS for talk, _, _ in talks(kind, count=count, half=half) for line in talk.lines)
    words = Counter(word for text in texts for word in set(re.findall(r"[a-z]{4,}", text.lower())))
    return [word for word, _ in words.most_common(3_000)]


def played(kind: str, talk: Conversation, asked: list[Window], embedder: Embedder, seed: int) -> Iterator[Round]:
    tagging = task_type("conversation_tagging")
    truth = tagging.generate(talk, asked, load_engine("extractive", embedder))
    honest = readers(embedder)
    for window in asked:
        rng = random.Random(f"{seed}/{talk.id}/{window.id}")
        names = [*honest, *(f"copier of {source}" for source in SOURCES)]
        shown = editions(talk, window, truth.windows[window.id], names, f"{seed}".encode())
        given: dict[str, Statement] = {}
        for name in names:
            engine = honest[name.removeprefix("copier of ")]
            task = tagging.mask(talk, shown[name], task_id=f"{talk.id}/{window.id}", max_tags=20, timeout_seconds=1)
            tags, facts = engine(task)
            given[name] = Statement(frozenset(line_numbers(shown[name])), tags, facts, rng.uniform(0.1, 0.5))
        others = random_tags(rng)
        for source in SOURCES:
            own = given.pop(f"copier of {source}")
            lines = {number: talk.lines[number].text for number in own.shown}
            made = copies(given[source], own, lines, others, rng)
            given |= {f"{source}: {how}": one for how, one in made.items()}
        numbers = line_numbers(window)
        is_varied = len({one.shown for one in given.values()}) > 1
        yield Round(kind, talk.id, compare({n: talk.lines[n].text for n in numbers}, given), is_varied)


def random_tags(rng: random.Random) -> list[str]:
    from benchmarks.copies.miners import vocabulary  # noqa: PLC0415

    return rng.sample(vocabulary(), 12)


def honest_pairs(one: Round) -> Iterator[Pair]:
    names = [name for name in one.evidence.names if ": " not in name]
    yield from itertools.permutations(names, 2)


def print_rounds(rounds: list[Round]) -> None:
    print("| conversations | windows | of them varied |\n|---|---|---|")
    for kind in KINDS:
        mine = [one for one in rounds if one.kind == kind]
        print(f"| {kind} | {len(mine)} | {sum(one.is_varied for one in mine)} |")


def print_false_alarms(rounds: list[Round]) -> None:
    """Count unordered pairs of honest answers that would be paid as one, in a window and over a conversation."""
    print(
        "\n### False alarms: honest pairs taken for copies\n\n| pairs | in one window | over a conversation | after 20 windows |\n|---|---|---|---|"
    )
    groups = {
        "one engine, same settings": is_twin,
        "one family of engines": is_family,
        "different engines": is_stranger,
    }
    for title, belongs in groups.items():
        print(
            f"| {title} | {alarms(rounds, belongs)} | {pooled_alarms(by_talk(rounds), belongs)} | {pooled_alarms(in_rows(rounds), belongs)} |"
        )
    for kind in KINDS:
        mine = [one for one in rounds if one.kind == kind]
        print(
            f"| all, {kind} | {alarms(mine, anybody)} | {pooled_alarms(by_talk(mine), anybody)} | {pooled_alarms(in_rows(mine), anybody)} |"
        )
    print(
        f"| **all** | {alarms(rounds, anybody)} | {pooled_alarms(by_talk(rounds), anybody)} | {pooled_alarms(in_rows(rounds), anybody)} |"
    )


def is_twin(pair: Pair) -> bool:
    return pair[0].removesuffix(" twin") == pair[1].removesuffix(" twin")


def family(name: str) -> str:
    return re.split(r"[ ,]", name)[0]


def is_family(pair: Pair) -> bool:
    return family(pair[0]) == family(pair[1]) and not is_twin(pair)


def is_stranger(pair: Pair) -> bool:
    return family(pair[0]) != family(pair[1])


def alarms(rounds: list[Round], belongs) -> str:  # noqa: ANN001
    found, total = 0, 0
    for one in rounds:
        for pair in honest_pairs(one):
            if pair[0] < pair[1] and belongs(pair):
                total += 1
                found += one.is_found(pair) or one.is_found((pair[1], pair[0]))
    return share(found, total)


def pooled_alarms(sequences: list[list[Round]], belongs) -> str:  # noqa: ANN001
    found, total = 0, 0
    for members in sequences:
        known = CopyMemory().after(one.evidence for one in members).known()
        for pair in honest_pairs(members[0]):
            if pair[0] < pair[1] and belongs(pair):
                total += 1
                found += max(known.get(pair, 0.0), known.get((pair[1], pair[0]), 0.0)) >= THRESHOLD
    return share(found, total)


def anybody(_: Pair) -> bool:
    return True


def by_talk(rounds: list[Round]) -> list[list[Round]]:
    grouped: dict[str, list[Round]] = defaultdict(list)
    for one in rounds:
        grouped[one.talk].append(one)
    return list(grouped.values())


def in_rows(rounds: list[Round]) -> list[list[Round]]:
    """Return rows of 20 windows of different conversations, as a validator sees them over time."""
    shuffled = random.Random(len(rounds)).sample(rounds, len(rounds))
    return [shuffled[start : start + 20] for start in range(0, len(shuffled) - 19, 20)]


def copier_pairs(one: Round) -> dict[str, list[Pair]]:
    pairs: dict[str, list[Pair]] = defaultdict(list)
    for name in one.evidence.names:
        source, _, how = name.partition(": ")
        if how:
            pairs[how].append((name, source))
    return pairs


def print_detection(rounds: list[Round]) -> None:
    heads = " | ".join(f"{reach} window{'s' if reach > 1 else ''}" for reach in REACHES)
    print(f"\n### Copies found, after so many varied windows\n\n| copy | {heads} |\n|---|{'---|' * len(REACHES)}")
    kinds = sorted({how for one in rounds for how in copier_pairs(one)})
    for how in kinds:
        cells = [detection(rounds, how, reach) for reach in REACHES]
        print(f"| {how} | {' | '.join(cells)} |")


def detection(rounds: list[Round], how: str, reach: int) -> str:
    """Return the share of copiers whose evidence, over that many windows of one kind of talk, passes the threshold."""
    found, total = 0, 0
    for kind in KINDS:
        mine = [one for one in rounds if one.kind == kind]
        random.Random(how).shuffle(mine)
        for start in range(0, len(mine) - reach + 1, reach):
            some = mine[start : start + reach]
            for pair in copier_pairs(some[0])[how]:
                total += 1
                found += (
                    CopyMemory().after(only(one.evidence, pair) for one in some).known().get(pair, 0.0) >= THRESHOLD
                )
    return share(found, total)


def print_authors(rounds: list[Round]) -> None:
    """Count the clusters of a copier and its source in which the source is held the author."""
    right, total = 0, 0
    for one in rounds:
        for pairs in copier_pairs(one).values():
            for pair in pairs:
                cluster = next((c for c in clusters_of(only(one.evidence, pair)) if set(pair) <= set(c.members)), None)
                total += cluster is not None
                right += cluster is not None and cluster.shares[cluster.members.index(pair[1])] > 0.9
    print(
        f"\nOf the pairs found in one window, the source keeps more than nine tenths of the reward in {share(right, total)}."
    )


def only(evidence: CopyEvidence, pair: Pair) -> CopyEvidence:
    keep = sorted(evidence.names.index(name) for name in pair)
    pick = lambda table: table[keep][:, keep]  # noqa: E731
    return CopyEvidence(
        tuple(evidence.names[index] for index in keep),
        pick(evidence.nats),
        pick(evidence.blind),
        pick(evidence.likeness),
        pick(evidence.borrowed),
        pick(evidence.later),
    )


def share(found: int, total: int) -> str:
    return f"{found / total:.2%} of {total}" if total else "none"


if __name__ == "__main__":
    main()
