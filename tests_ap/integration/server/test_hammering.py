"""Validators that hammer the server, and two servers on one database: no conversation has two holders."""

import asyncio
from collections import Counter

from conversation_genome.client import ConversationServerClient
from tests_ap.integration.server.process import ProcessCase
from tests_ap.unit.server.rig import record

CONVERSATIONS = 24
AT_ONCE = 4


async def hammer(validator: ConversationServerClient, names: Counter[str]) -> None:
    """Lease as fast as possible from many tasks until nothing is left."""
    held: list[str] = []

    async def one() -> None:
        while (bundle := await validator.lease(holding=held)) is not None:
            if bundle.lease_id not in held:
                held.append(bundle.lease_id)
                names[str(bundle.conversation["id"])] += 1

    await asyncio.gather(*(one() for _ in range(AT_ONCE)))


class HammeringTest(ProcessCase):
    async def test_two_validators_never_share_a_conversation(self) -> None:
        async with self.server.admin() as admin:
            await admin.import_records([record(f"talk {number}") for number in range(CONVERSATIONS)])
        names: Counter[str] = Counter()
        async with self.server.validator(0) as first, self.server.validator(1) as second:
            await asyncio.gather(hammer(first, names), hammer(second, names))
        self.assertEqual(len(names), CONVERSATIONS)
        self.assertEqual(set(names.values()), {1})
