"""The talks that are to be found again, and what people wrote of them."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conversation_genome.conversation import Conversation

TUNED_MEETINGS = 38
"""The settings of the ranking were chosen on the stretches of these; the rest is reported."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A talk and its label."""

    talk: Conversation
    label: str
    group: str
    """Talks of one group come from one meeting."""

    @property
    def text(self) -> str:
        """Everything that was said."""
        return "\n".join(line.text for line in self.talk.lines)


def meeting_stretches(folder: Path, part: str, every: int) -> list[Labelled]:
    """Return QMSum's stretches of five lines or more with the topic title that annotators gave them."""
    found = []
    for number, row in enumerate(_rows(folder, "meetings_qmsum")):
        if (number < TUNED_MEETINGS) != (part == "tune"):
            continue
        for segment in row["labels"]["topic_segments"]:
            lines = [row["lines"][i] for a, b in segment["spans"] for i in range(a, min(b + 1, len(row["lines"])))]
            if len(lines) >= 5:
                found.append(Labelled(_talk(row, lines, len(found)), segment["topic"], str(number)))
    return found[::every]


def service_segments(folder: Path, part: str, every: int) -> list[Labelled]:
    """Return SGD's segments of three lines or more with the description of their service."""
    found = []
    for number, row in enumerate(_rows(folder, "segmentation_sgd")):
        if (number < 150) != (part == "tune"):
            continue
        for segment in row["labels"]["topic_segments"]:
            lines = row["lines"][segment["start"] : segment["end"] + 1]
            if len(lines) >= 3:
                found.append(Labelled(_talk(row, lines, len(found)), segment["description"], str(number)))
    return found[::every]


def entity_chats(folder: Path, part: str, every: int) -> list[tuple[Labelled, frozenset[str]]]:
    """Return Topical-Chat's chats with the entities that its speakers say they used."""
    rows = [row for row in _rows(folder, "chat_topicalchat") if row["labels"]["entities_used"]]
    half = rows[:250] if part == "tune" else rows[250:]
    return [
        (Labelled(_talk(row, row["lines"], number), "", str(number)), frozenset(row["labels"]["entities_used"]))
        for number, row in enumerate(half[::every])
    ]


def persona_chats(folder: Path, part: str, facts: int = 4) -> list[tuple[Labelled, list[str]]]:
    """Return chats of Synthetic-Persona-Chat with some of the sentences that people wrote about its speakers."""
    rows = _rows(folder, "profiles_spc")
    draw = random.Random(1)
    found = []
    for number, row in enumerate(rows[:200] if part == "tune" else rows[350:550]):
        told = [fact for profile in row["labels"]["profiles"] for fact in profile]
        chat = Labelled(_talk(row, row["lines"], number), "", str(number))
        found.append((chat, draw.sample(told, min(facts, len(told)))))
    return found


def shows(folder: Path, name: str, lines: int) -> list[Labelled]:
    """Return podcast episodes, cut to a number of lines, with the topic of their show; `group` is the episode."""
    return [
        Labelled(
            _talk(row, row["lines"][:lines], number),
            row["labels"]["show_topic"],
            row["labels"].get("from", row["id"]),
        )
        for number, row in enumerate(_rows(folder, name))
    ]


def injected_chats(folder: Path) -> Iterator[tuple[Conversation, Conversation, str]]:
    """Yield each injected chat, the chat without the injection, and the injected text."""
    clean = {row["id"]: row for row in _rows(folder, "chat_topicalchat")}
    for row in _rows(folder, "adversarial_injected_chats"):
        original = clean[row["labels"]["clean_id"]]
        yield _talk(row, row["lines"], 0), _talk(original, original["lines"], 1), row["labels"]["injection"]["text"]


def injection_strings(folder: Path) -> list[tuple[str, bool]]:
    """Return each string and whether it is an injection."""
    return [(row["lines"][0][1], row["labels"]["injection"]) for row in _rows(folder, "adversarial_injection_strings")]


def _talk(row: dict[str, Any], lines: list[Any], number: int) -> Conversation:
    record = {key: row[key] for key in ("source", "license", "participants")}
    return Conversation.from_record({**record, "id": f"{row['id']}-{number}", "lines": lines, "labels": {}})


def _rows(folder: Path, name: str) -> list[dict[str, Any]]:
    with (folder / f"{name}.jsonl").open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]
