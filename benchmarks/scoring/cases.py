"""Cases: windows of real conversations with two people's tags each: one is the reference, the other the honest answer."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
DATA = HERE.parents[2] / "shared" / "data"

SECOND_PERSON = {
    "SearchHotel": "finding accommodation", "ReserveHotel": "hotel room reservation", "GetWeather": "weather forecast",
    "GetCarsAvailable": "car rental offers", "ReserveCar": "renting a car", "FindEvents": "concerts and games nearby",
    "BuyEventTickets": "event tickets purchase", "BuyBusTicket": "bus trip booking", "FindBus": "bus schedule",
    "FindMovies": "film recommendation", "RentMovie": "movie rental", "GetRide": "taxi booking",
    "FindAttractions": "sightseeing", "SearchOnewayFlight": "one-way airline tickets",
    "SearchRoundtripFlights": "return flight search", "CheckBalance": "bank account balance",
    "TransferMoney": "sending money", "FindRestaurants": "restaurant search", "ReserveRestaurant": "booking a dinner table",
    "LookupSong": "song search", "PlaySong": "listening to music", "FindProvider": "looking for a therapist",
    "BookAppointment": "therapy appointment", "FindApartment": "apartment hunting", "ScheduleVisit": "property viewing",
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    kind: str
    name: str
    lines: tuple[str, ...]
    references: tuple[str, ...]
    honest: tuple[str, ...]


def rows(file: str) -> list[dict]:
    return json_lines(DATA / f"{file}.jsonl")


def json_lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_bytes().split(b"\n") if line.strip()]


def written_cases(file: str = "two_people.jsonl") -> Iterator[Case]:
    """Two sets of tags per window, written for this examination."""
    known: dict[str, list[dict]] = {}
    for item in json_lines(HERE / file):
        record = known.setdefault(item["file"], rows(item["file"]))[item["row"]]
        lines = tuple(entry[1] for entry in record["lines"][item["start"] : item["end"]])
        kind = item["file"].split("_", 1)[0]
        yield Case(kind, record["id"], lines, tuple(item["first"]), tuple(item["second"]))
        yield Case(kind, record["id"] + "/swapped", lines, tuple(item["second"]), tuple(item["first"]))


def meeting_cases() -> Iterator[Case]:
    """QMSum: topic titles are the reference; what another annotator's questions are about is the answer."""
    for record in rows("meetings_qmsum"):
        labels = record["labels"]
        titles = tuple(dict.fromkeys(title for title in labels["topics"] if len(title) <= 64))
        spans = [span for item in (*labels["topic_segments"], *labels["queries"]) for span in item["spans"]]
        numbers = sorted(
            {at for start, end in spans for at in range(start, min(start + 8, end + 1, len(record["lines"])))}
        )
        lines = tuple(unmarked(record["lines"][at][1]) for at in numbers)[:200]
        spoken = set(re.findall(r"[a-z]{4,}", " ".join(lines).lower()))
        asked = dict.fromkeys(filter(None, (subject_of(query["query"]) for query in labels["queries"])))
        other = [phrase for phrase in asked if phrase.lower() not in {title.lower() for title in titles}]
        honest = tuple(phrase for phrase in other if set(re.findall(r"[a-z]{4,}", phrase.lower())) <= spoken)[:8]
        if len(titles) >= 3 and len(honest) >= 3:
            yield Case("meeting titles", record["id"], lines, titles, honest)


def subject_of(query: str) -> str | None:
    query = re.sub(r"\s*when (discussing|talking).*$", "", query.rstrip("?. "), flags=re.IGNORECASE)
    found = re.search(r"\b(?:about|on|of|towards|regarding)\s+(?:the |a |an |his |her |their )?(.{4,50})$", query)
    phrase = found.group(1) if found else None
    return phrase if phrase and 1 <= len(phrase.split()) <= 6 else None


def unmarked(text: str) -> str:
    return re.sub(r"\{\w+\}", "", text).strip()


def service_cases() -> Iterator[Case]:
    """Schema-guided dialogues: intents are the reference, another person's names for them the answer."""
    for record in rows("segmentation_sgd"):
        intents = record["labels"]["intents"]
        if len(intents) >= 3:
            references = tuple(re.sub(r"(?<!^)([A-Z])", r" \1", intent).lower() for intent in intents)
            honest = tuple(SECOND_PERSON[intent] for intent in intents)
            yield Case("service intents", record["id"], tuple(line[1] for line in record["lines"]), references, honest)


def stitched_cases() -> Iterator[Case]:
    """Stitched chats: the topics people were shown are the reference; the answer names each in other words or in part."""
    for record in rows("segmentation_stitched"):
        for segment in record["labels"]["segments"]:
            topics = tuple(dict.fromkeys(segment["topics"]))
            if len(topics) >= 2:
                lines = tuple(line[1] for line in record["lines"][segment["start"] : segment["end"] + 1])
                yield Case("shown topics", f"{record['id']}/{segment['start']}", lines, topics, ())


def later_cases() -> list[Case]:
    """Windows that were read, and tagged in two styles, when every threshold had been chosen."""
    return sorted(written_cases("two_people_later.jsonl"), key=lambda case: (case.kind, case.name))


def all_cases() -> list[Case]:
    found = [*written_cases(), *meeting_cases(), *service_cases(), *stitched_cases()]
    return sorted(found, key=lambda case: (case.kind, case.name))
