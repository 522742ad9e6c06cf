"""Facts against what people wrote of themselves: `python -m benchmarks.engines.profiles`.

Every second conversation was tuned on; the others are reported. Beside the engine stands the rule "every sentence in
the first person is a fact", and any other version whose `cgp tag` output is given with --other FILE.

*of said* is recall among the persona sentences that some first-person clause of their own speaker says by the same
measure: what nobody said cannot be found. In Japanese, which leaves the first person out, all lines of the speaker
count, so that it is a share of what may have been said. *not borne out* are facts that scoring finds unsupported by the lines they
cite, which counts every fact that rests on what somebody else said.
"""

import argparse
import json
import random
import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from benchmarks.engines.profiles.matching import japanese_terms, likeness
from conversation_genome.conversation import Conversation
from conversation_genome.embedding.base import Embedder
from conversation_genome.embedding.loading import load_embedder
from conversation_genome.engines.extractive.profiles import profiles_of
from conversation_genome.engines.extractive.reading import read
from conversation_genome.scoring.profiles import SpokenLine, fact_support
from conversation_genome.settings import RoleSettings, load_settings
from conversation_genome.sources.jsonl import read_conversations

ROOT = Path(__file__).resolve().parents[3]
Facts = list[list[str]]
"""Of each participant."""
_SENTENCE = re.compile(r"(?<=[.!?。！？])\s*")  # noqa: RUF001
_FIRST = re.compile(r"\b(?:i|im|i'm|i've|i'd|my|we|our|me)\b|私|僕|俺", re.IGNORECASE)
_CLAUSE = re.compile(r",\s+(?:and |but |so )?(?=i\b|my\b|we\b)|;\s+| (?:and|but|so|because) ", re.IGNORECASE)
_PRIORITY = re.compile(r"^(High|Medium|Low) priority: (\w+) - (.*)$", re.DOTALL)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--half", choices=("tune", "report"), default="report")
    parser.add_argument("--talks", type=int, default=250)
    parser.add_argument("--sets", nargs="+", default=["profiles_spc", "profiles_casino", "profiles_realpersona_ja"])
    parser.add_argument(
        "--other", type=Path, action="append", default=[], help="what `cgp tag` of another version wrote"
    )
    parser.add_argument(
        "--sample", type=int, default=0, help="print that many facts with their lines, to be read by a person"
    )
    arguments = parser.parse_args()
    embedder = load_embedder(load_settings(RoleSettings).models_path, threads=2)
    makers: dict[str, Callable[[Conversation], Facts]] = {
        "engine": engine_facts,
        "every first-person sentence": sentence_facts,
    }
    makers |= {path.stem: _from_file(path) for path in arguments.other}
    print(f"{'set':20}{'what':30}{'facts':>7}{'recall':>8}{'of said':>9}{'of persona':>12}{'partner':>9}{'ms':>7}")
    for name in arguments.sets:
        talks = list(read_conversations(arguments.data / f"{name}.jsonl"))[arguments.half == "report" :: 2][
            : arguments.talks
        ]
        for label, maker in makers.items():
            started = time.perf_counter()
            facts = [maker(talk) for talk in talks]
            cost = (time.perf_counter() - started) / len(talks) * 1000
            measure = _japanese if name.endswith("ja") else _english
            print(f"{name:20}{label:30}" + measure(talks, facts, embedder) + f"{cost:7.0f}", flush=True)
        print(f"{name:20}{'engine, facts not borne out':30}{unborne(talks):.4f}", flush=True)
        _show(talks, arguments.sample)


def engine_facts(talk: Conversation) -> Facts:
    """Return the facts of the extractive engine, the sensitive ones with them."""
    held = {one.participant: [fact.text for fact in one.facts] for one in profiles_of(talk, read(talk))}
    return [held.get(talk.participant_name(number), []) for number in range(len(talk.participants))]


def sentence_facts(talk: Conversation) -> Facts:
    """Return every sentence in the first person that does not ask."""
    said: Facts = [[] for _ in talk.participants]
    for line in talk.lines:
        said[line.speaker] += [
            one for one in _SENTENCE.split(line.text) if _FIRST.search(one) and not one.endswith("?")
        ]
    return said


def said_clauses(talk: Conversation) -> Facts:
    """Return all that each participant says in the first person: sentences and clauses, questions left out."""
    said = sentence_facts(talk)
    return [[*own, *(part for one in own for part in _CLAUSE.split(one) if _FIRST.search(part))] for own in said]


def unborne(talks: Sequence[Conversation]) -> float:
    """Return the share of the engine's facts that the lines they cite do not bear out, in [0, 1]."""
    supports = []
    for talk in talks:
        lines = {
            number: SpokenLine(participant=talk.participant_name(line.speaker), text=line.text)
            for number, line in enumerate(talk.lines)
        }
        supports += [
            fact_support(one.participant, fact.text, fact.evidence, lines)
            for one in profiles_of(talk, read(talk))
            for fact in one.facts
        ]
    return float(np.mean([support == 0 for support in supports]))


def _from_file(path: Path) -> Callable[[Conversation], Facts]:
    rows = {row["id"]: row["profiles"] for row in map(json.loads, path.read_text(encoding="utf-8").splitlines())}

    def made(talk: Conversation) -> Facts:
        held = {one["participant"]: [fact["text"] for fact in one["facts"]] for one in rows.get(talk.id, [])}
        return [held.get(talk.participant_name(number), []) for number in range(len(talk.participants))]

    return made


def personas(talk: Conversation) -> Facts:
    """Return what each participant wrote of themselves; a priority as the need that it is."""
    return [[_as_need(sentence) for sentence in own] for own in talk.labels["profiles"]]


def _as_need(sentence: str) -> str:
    found = _PRIORITY.match(sentence)
    if found is None:
        return sentence
    level, item, reason = found.groups()
    said = {
        "High": f"I need {item.lower()}",
        "Medium": f"I need some {item.lower()}",
        "Low": f"I do not need {item.lower()}",
    }
    return f"{said[level]} because {reason}"


def _english(talks: Sequence[Conversation], facts: Sequence[Facts], embedder: Embedder) -> str:
    found, right, partner, sayable, count = [], [], [], [], 0
    for talk, said in zip(talks, facts, strict=True):
        wrote, clauses = personas(talk), said_clauses(talk)
        for number, own in enumerate(said):
            alike = likeness(own, wrote[number], embedder)
            found += list(alike.any(axis=0))
            sayable += list(likeness(clauses[number], wrote[number], embedder).any(axis=0))
            right += list(alike.any(axis=1))
            others = likeness(own, wrote[1 - number], embedder)
            partner += list(others.max(axis=1, initial=0) > alike.max(axis=1, initial=0))
            count += len(own)
    of_said = np.mean(np.array(found)[np.array(found) | np.array(sayable)])
    return f"{count:7}{np.mean(found):8.3f}{of_said:9.3f}{np.mean(right):12.3f}{np.mean(partner):9.3f}"


def _japanese(talks: Sequence[Conversation], facts: Sequence[Facts], embedder: Embedder) -> str:  # noqa: ARG001
    wrote = [sentence for talk in talks for own in personas(talk) for sentence in own]
    said = [fact for one in facts for own in one for fact in own]
    terms = dict(zip([*wrote, *said], japanese_terms([*wrote, *said]), strict=True))
    found, right, partner, sayable = [], [], [], []
    for talk, each in zip(talks, facts, strict=True):
        people = personas(talk)
        for number, own in enumerate(each):
            mine = frozenset().union(*(terms[fact] for fact in own)) if own else frozenset()
            theirs = frozenset().union(*(terms[one] for one in people[1 - number]))
            held = frozenset().union(*(terms[one] for one in people[number]))
            found += [bool(terms[sentence] & mine) for sentence in people[number]]
            spoken = " ".join(line.text for line in talk.lines if line.speaker == number)
            sayable += [any(term in spoken for term in terms[sentence]) for sentence in people[number]]
            right += [bool(terms[fact] & held) for fact in own]
            partner += [bool(terms[fact] & theirs) and not terms[fact] & held for fact in own]
    of_said = np.mean(np.array(found)[np.array(found) | np.array(sayable)])
    return f"{len(said):7}{np.mean(found):8.3f}{of_said:9.3f}{np.mean(right):12.3f}{np.mean(partner):9.3f}"


def _show(talks: Sequence[Conversation], count: int) -> None:
    rows = (
        [
            (
                one.participant,
                fact,
                [f"{talk.participants[talk.lines[at].speaker]}: {talk.lines[at].text}" for at in fact.evidence],
            )
            for talk in talks
            for one in profiles_of(talk, read(talk))
            for fact in one.facts
        ]
        if count
        else []
    )
    for who, fact, lines in random.Random(1).sample(rows, min(count, len(rows))):
        print(f"  {who} | {fact.text} | {fact.confidence} | {' // '.join(lines)[:240]}")


if __name__ == "__main__":
    main()
