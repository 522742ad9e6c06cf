"""A miner reads by its own signature what its answers were worth: its own alone, late, and without what would help it to game."""

import unittest

from conversation_genome.client import MinerClient
from conversation_genome.errors import AuthenticationError, NotFoundError, PermissionDeniedError
from conversation_genome.protocol.signing import Signer
from tests_ap.unit.server.rig import ALICE, NETUID, SERVER, URL, ServerCase, submission, tasks_of

MINER, OTHER, STRANGER = (Signer.from_uri(f"//{name}") for name in ("OwnMiner", "OtherMiner", "Stranger"))


class OwnAnswers(ServerCase):
    async def start(self) -> None:
        for signer in (MINER, OTHER):
            self.ledger.register(NETUID, signer.hotkey)
        await super().start()

    def client(self, signer: Signer, receiver: str = SERVER.hotkey) -> MinerClient:
        return MinerClient(URL, signer, receiver, asgi_app=self.app)

    async def played(self, *, completes: bool = True) -> list[str]:
        bundle = await self.leased()
        for window_id in tasks_of(bundle):
            await self.alice.submit(submission(bundle, window_id, MINER.hotkey))
        if completes:
            await self.alice.complete(bundle.lease_id)
        return [str(bundle.conversation["id"]), *tasks_of(bundle)]

    async def test_a_miner_sees_what_its_answers_were_worth(self) -> None:
        ids = await self.played()
        async with self.client(MINER) as client:
            page = await client.own_answers()
        of_admin = (await self.admin.miner_answers(MINER.hotkey)).answers
        self.assertEqual(
            [(one.score, one.reward) for one in page.answers], [(one.score, one.reward) for one in of_admin]
        )
        self.assertEqual(len(page.answers), len(ids) - 1)

    async def test_nothing_tells_which_tasks_belong_together_or_what_was_missed(self) -> None:
        ids = await self.played()
        async with self.client(MINER) as client:
            sent = (await client.own_answers()).model_dump_json()
        for secret in (*ids, "missed", "covers"):
            self.assertNotIn(secret, sent.replace(MINER.hotkey, ""))

    async def test_before_the_reward_is_divided_there_is_nothing_to_see(self) -> None:
        await self.played(completes=False)
        async with self.client(MINER) as client:
            self.assertEqual((await client.own_answers()).answers, ())

    async def test_nobody_sees_anothers(self) -> None:
        await self.played()
        async with self.client(OTHER) as client:
            with self.assertRaises(NotFoundError):
                await client.own_answers()
            path = f"/v1/miners/{MINER.hotkey}"
            headers = OTHER.headers(method="GET", path=path, body=b"", receiver=SERVER.hotkey)
            with self.assertRaisesRegex(PermissionDeniedError, "its own answers alone"):
                await client._transport.send("GET", path, headers=lambda: headers)

    async def test_who_is_not_registered_or_signs_for_another_server_sees_nothing(self) -> None:
        await self.played()
        for signer, receiver, error in (
            (STRANGER, SERVER.hotkey, PermissionDeniedError),
            (MINER, ALICE.hotkey, AuthenticationError),
        ):
            async with self.client(signer, receiver) as client:
                with self.assertRaises(error):
                    await client.own_answers()


if __name__ == "__main__":
    unittest.main()
