"""API keys: shown once, stored hashed, with scopes, an end, rotation and a last use."""

import hashlib

from sqlalchemy import text

from conversation_genome.errors import AuthenticationError, InputError, NotFoundError, PermissionDeniedError
from conversation_genome.protocol.administration import KeyRequest, KeyRotation, NewApiKey, Scope
from conversation_server.services.keys import BOOTSTRAP, USE_SECONDS, bearer
from tests_ap.unit.server.rig import KEY, ServerCase


class KeysCase(ServerCase):
    async def made(self, *scopes: Scope, lifetime_seconds: float | None = None) -> NewApiKey:
        request = KeyRequest(name="a reader", scopes=scopes or (Scope.READ,), lifetime_seconds=lifetime_seconds)
        return await self.server.keys.create(request, BOOTSTRAP)


class KeysTest(KeysCase):
    async def test_the_bootstrap_key_is_the_administrators(self) -> None:
        holder = await self.server.keys.check(KEY)
        self.assertTrue(all(holder.may(scope) for scope in Scope))

    async def test_a_key_holds_and_says_who_holds_it(self) -> None:
        made = await self.made(Scope.READ, Scope.IMPORT)
        holder = await self.server.keys.check(made.key)
        self.assertEqual((holder.id, holder.name), (made.details.id, "a reader"))
        self.assertEqual([scope for scope in Scope if holder.may(scope)], [Scope.READ, Scope.IMPORT])
        with self.assertRaisesRegex(PermissionDeniedError, "'publish'"):
            holder.need(Scope.PUBLISH)

    async def test_the_database_knows_the_hash_alone(self) -> None:
        made = await self.made()
        async with self.server.read() as work:
            rows = [tuple(row) for row in await work.session.execute(text("SELECT * FROM api_keys"))]
        stored = str(rows)
        self.assertNotIn(made.key, stored)
        self.assertNotIn(made.key.split("_", 2)[2], stored)
        self.assertIn(hashlib.sha256(made.key.encode()).hexdigest(), stored)

    async def test_a_key_that_is_wrong_anywhere_is_refused(self) -> None:
        key = (await self.made()).key
        other = "A" if key[-1] != "A" else "B"
        for wrong in ("", "cgp_", key[:-1], key[:-1] + other, key + "A", key.upper(), f"cgp_{'0' * 12}_{key[17:]}"):
            with self.assertRaises(AuthenticationError, msg=wrong):
                await self.server.keys.check(wrong)

    async def test_a_key_ends_when_it_was_said_to(self) -> None:
        key = (await self.made(lifetime_seconds=3_600.0)).key
        self.clock.now += 3_599.0
        await self.server.keys.check(key)
        self.clock.now += 1.0
        with self.assertRaisesRegex(AuthenticationError, "is over"):
            await self.server.keys.check(key)

    async def test_a_revoked_key_is_refused_at_once_and_stays_in_the_list(self) -> None:
        made = await self.made()
        revoked = await self.server.keys.revoke(made.details.id)
        with self.assertRaisesRegex(AuthenticationError, "revoked"):
            await self.server.keys.check(made.key)
        self.clock.now += 5.0
        self.assertEqual(await self.server.keys.revoke(made.details.id), revoked)
        self.assertEqual((await self.server.keys.every()).keys, (revoked,))

    async def test_a_key_that_is_not_there_cannot_be_changed(self) -> None:
        with self.assertRaisesRegex(NotFoundError, "'nothing'"):
            await self.server.keys.rotate("nothing", KeyRotation())
        with self.assertRaises(NotFoundError):
            await self.server.keys.revoke("nothing")

    def test_a_header_carries_a_key_behind_the_word_bearer(self) -> None:
        for header, key in (
            ("Bearer x", "x"),
            ("bearer  x ", "x"),
            ("Basic x", ""),
            ("x", ""),
            ("Bearer", ""),
            (None, ""),
        ):
            self.assertEqual(bearer(header), key, header)


class RotationTest(KeysCase):
    async def test_the_old_secret_is_taken_until_the_overlap_ends(self) -> None:
        old = await self.made()
        new = await self.server.keys.rotate(old.details.id, KeyRotation(overlap_seconds=60.0))
        self.assertEqual({(await self.server.keys.check(key)).id for key in (old.key, new.key)}, {old.details.id})
        self.clock.now += 60.0
        await self.server.keys.check(new.key)
        with self.assertRaises(AuthenticationError):
            await self.server.keys.check(old.key)

    async def test_a_rotation_without_overlap_ends_the_old_secret_at_once(self) -> None:
        old = await self.made()
        await self.server.keys.rotate(old.details.id, KeyRotation(overlap_seconds=0.0, lifetime_seconds=9.0))
        with self.assertRaises(AuthenticationError):
            await self.server.keys.check(old.key)

    async def test_revoking_ends_the_old_secret_too(self) -> None:
        old = await self.made()
        await self.server.keys.rotate(old.details.id, KeyRotation())
        await self.server.keys.revoke(old.details.id)
        with self.assertRaises(AuthenticationError):
            await self.server.keys.check(old.key)
        with self.assertRaisesRegex(InputError, "cannot be rotated"):
            await self.server.keys.rotate(old.details.id, KeyRotation())

    async def test_the_last_use_is_written_once_a_minute(self) -> None:
        made = await self.made()
        start, uses = self.clock.now, []
        for seconds in (0.0, USE_SECONDS / 2, USE_SECONDS, USE_SECONDS + 1.0):
            self.clock.now = start + seconds
            await self.server.keys.check(made.key)
            used = (await self.server.keys.details(made.details.id)).last_used_at
            assert used is not None
            uses.append(used.timestamp() - start)
        self.assertEqual(uses, [0.0, 0.0, 0.0, USE_SECONDS + 1.0])

    async def test_a_key_survives_a_restart(self) -> None:
        made = await self.made()
        await self.life.aclose()
        await self.start()
        self.assertEqual((await self.server.keys.check(made.key)).id, made.details.id)
