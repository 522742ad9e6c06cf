"""Finding: where a text holds something personal, and of which kind."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """What was found; the placeholder is named after it."""

    EMAIL = "EMAIL"
    URL = "URL"
    ACCOUNT = "ACCOUNT"
    """A handle: @somebody, somebody#1234."""
    IBAN = "IBAN"
    CARD = "CARD"
    ID = "ID"
    """A number that an authority, a bank or a firm gave somebody: SSN, passport, licence, account."""
    IP = "IP"
    PHONE = "PHONE"
    DATE_OF_BIRTH = "DATE_OF_BIRTH"
    ADDRESS = "ADDRESS"
    PERSON = "PERSON"


_RANK: Final = {kind: number for number, kind in enumerate(Kind)}


@dataclass(frozen=True, slots=True)
class Finding:
    """`text[start:end]` is personal."""

    start: int
    end: int
    kind: Kind


def without_overlaps(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings in order; those that overlap become one, of the kind of the longest, else the more exact."""
    joined: list[Finding] = []
    for finding in sorted(findings, key=lambda one: (one.start, -one.end)):
        if joined and finding.start < joined[-1].end:
            before = joined.pop()
            kind = min(before, finding, key=lambda one: (one.start - one.end, _RANK[one.kind])).kind
            finding = Finding(before.start, max(before.end, finding.end), kind)  # noqa: PLW2901 - both in one
        joined.append(finding)
    return tuple(joined)
