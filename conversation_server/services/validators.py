"""Validators as the server knows them: what they leased, what they claimed, how far they agree."""

from collections import defaultdict

from sqlalchemy.ext.asyncio import AsyncSession

from conversation_genome.protocol.reads import ValidatorList, ValidatorStanding
from conversation_server.db import agreements, leases, submissions


class Validators:
    """What is shown of validators, inside one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def standings(self) -> ValidatorList:
        """Return every validator that ever held a lease, most answers first."""
        connection = await self._session.connection()
        counts: dict[str, dict[str, int]] = defaultdict(dict)
        for holder, state, count in await connection.run_sync(leases.counts):
            counts[holder][state] = count
        claims = await connection.run_sync(submissions.claims_by_validator)
        agreed = await connection.run_sync(agreements.by_holder)
        standings = [
            _standing(holder, states, claims.get(holder, (0, 0)), agreed.get(holder, (None, None)))
            for holder, states in counts.items()
        ]
        return ValidatorList(validators=tuple(sorted(standings, key=lambda one: (-one.answers, one.hotkey))))


def _standing(
    hotkey: str, states: dict[str, int], claims: tuple[int, int], agreed: tuple[float | None, float | None]
) -> ValidatorStanding:
    answers, agreeing = claims
    return ValidatorStanding(
        hotkey=hotkey,
        leases=states,
        answers=answers,
        disagreements=answers - agreeing,
        is_flagged=answers > agreeing,
        tag_agreement=agreed[0],
        score_difference=agreed[1],
    )
