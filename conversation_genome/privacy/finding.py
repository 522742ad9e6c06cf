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
    """Return the findings in order; of two that overlap the longer stays, of equally long ones the more exact kind."""
    kept: list[Finding] = []
    for finding in sorted(findings, key=lambda one: (one.start - one.end, _RANK[one.kind], one.start)):
        if all(finding.end <= other.start or finding.start >= other.end for other in kept):
            kept.append(finding)
    return tuple(sorted(kept, key=lambda one: one.start))
