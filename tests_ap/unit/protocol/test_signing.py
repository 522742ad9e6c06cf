"""A request is taken from who signed it, for whom it was signed, as it was signed, soon, and once."""

import stat
import tempfile
import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from conversation_genome.annotation import Hotkey
from conversation_genome.errors import AuthenticationError, SettingsError
from conversation_genome.protocol.signing import (
    FRESHNESS_SECONDS,
    MemoryNonceStore,
    Signer,
    create_wallet,
    is_hotkey,
    load_signer,
    verify,
)

ALICE, BOB = Signer.from_uri("//Alice"), Signer.from_uri("//Bob")
REQUEST = {"method": "POST", "path": "/v1/tasks?a=1", "body": b'{"a": 1}'}
SIGNED_HEADERS = ("x-bittensor-version", "x-bittensor-hotkey", "x-bittensor-receiver", "x-bittensor-nonce")


def signed(**changes: object) -> dict[str, str]:
    return ALICE.headers(**REQUEST | {"receiver": BOB.hotkey} | changes)


class TestVerifying(unittest.TestCase):
    def setUp(self) -> None:
        self.nonces = MemoryNonceStore()

    def verify(self, headers: dict[str, str], **changes: object) -> Hotkey:
        return verify(headers, **REQUEST | {"receiver": BOB.hotkey, "nonces": self.nonces} | changes)

    def test_the_signing_hotkey_is_returned_whatever_the_case_of_the_headers(self) -> None:
        for fold in (str.lower, str.upper, str.title):
            headers = {fold(name): value for name, value in signed().items()}
            self.assertEqual(self.verify(headers), ALICE.hotkey)

    def test_nothing_of_what_was_signed_can_be_changed(self) -> None:
        for change in ({"body": b'{"a": 2}'}, {"path": "/v1/tasks?a=2"}, {"method": "PUT"}):
            with self.subTest(change), self.assertRaisesRegex(AuthenticationError, "does not verify"):
                self.verify(signed(), **change)

    def test_a_request_for_somebody_else_is_refused(self) -> None:
        with self.assertRaisesRegex(AuthenticationError, "different receiving hotkey"):
            self.verify(signed(receiver=ALICE.hotkey))

    def test_nobody_can_sign_as_another(self) -> None:
        with self.assertRaisesRegex(AuthenticationError, "does not verify"):
            self.verify(signed() | {"X-Bittensor-Hotkey": BOB.hotkey})

    def test_a_request_is_taken_once(self) -> None:
        headers = signed()
        self.verify(headers)
        with self.assertRaisesRegex(AuthenticationError, "already accepted"):
            self.verify(headers)

    def test_a_forged_request_does_not_use_up_the_nonce_of_the_real_one(self) -> None:
        headers = signed()
        with self.assertRaises(AuthenticationError):
            self.verify(headers, body=b"forged")
        self.assertEqual(self.verify(headers), ALICE.hotkey)

    def test_a_request_from_another_time_is_refused_and_told_the_time_here(self) -> None:
        for offset, words in ((-10.5, "older than the 10s"), (2.5, "in the future")):
            nonce = int((time.time() + offset) * 1e9)
            with patch.object(ALICE, "_next_nonce", return_value=nonce):
                headers = signed()
            with self.assertRaisesRegex(AuthenticationError, rf"{words}.*the clock here reads 20\d\d-.*NTP"):
                self.verify(headers)

    def test_a_header_that_is_missing_is_named(self) -> None:
        for name in SIGNED_HEADERS:
            headers = {key: value for key, value in signed().items() if key.lower() != name}
            with self.subTest(name), self.assertRaisesRegex(AuthenticationError, f"(?i){name}"):
                self.verify(headers)

    def test_a_store_that_forgets_too_early_is_refused(self) -> None:
        with self.assertRaisesRegex(ValueError, "5 s, less than the 12 s"):
            self.verify(signed(), nonces=MemoryNonceStore(retention=5))

    @given(st.dictionaries(st.sampled_from(list(signed())), st.text(max_size=200)), st.binary(max_size=50))
    def test_whatever_is_sent_is_refused_in_a_sentence(self, headers: dict[str, str], body: bytes) -> None:
        with self.assertRaises(AuthenticationError):
            self.verify(signed() | headers | {"X-Bittensor-Receiver": BOB.hotkey}, body=body + b"!")


class TestNonces(unittest.TestCase):
    def test_each_request_of_many_threads_gets_its_own_nonce(self) -> None:
        with ThreadPoolExecutor(8) as pool:
            nonces = list(pool.map(lambda _: signed()["X-Bittensor-Nonce"], range(400)))
        self.assertEqual(len(set(nonces)), 400)

    def test_of_many_threads_that_use_a_nonce_one_succeeds(self) -> None:
        store = MemoryNonceStore()
        with ThreadPoolExecutor(8) as pool:
            taken = list(pool.map(lambda _: store.check_and_store("a", 1), range(100)))
        self.assertEqual(taken.count(True), 1)

    def test_a_nonce_is_forgotten_after_its_time_and_not_before(self) -> None:
        store = MemoryNonceStore(retention=FRESHNESS_SECONDS)
        now = time.monotonic()
        with patch("time.monotonic", side_effect=[now, now + FRESHNESS_SECONDS - 0.1, now + FRESHNESS_SECONDS]):
            answers = [store.check_and_store("a", 1) for _ in range(3)]
        self.assertEqual((answers, len(store._seen)), ([True, False, True], 1))

    def test_a_full_store_refuses_rather_than_forgets(self) -> None:
        store = MemoryNonceStore(max_entries=2)
        store.check_and_store("a", 1)
        store.check_and_store("a", 2)
        with self.assertRaisesRegex(AuthenticationError, "more than 2 requests"):
            store.check_and_store("b", 1)
        self.assertFalse(store.check_and_store("a", 1))


class TestWallets(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name)

    def test_a_wallet_is_made_once_and_loaded_after(self) -> None:
        made = create_wallet(self.path, "cold", "hot").hotkey
        self.assertEqual([create_wallet(self.path, "cold", "hot").hotkey, self.load()], [made, made])
        self.assertTrue(is_hotkey(made))

    def test_two_hotkeys_of_one_wallet_differ(self) -> None:
        self.assertNotEqual(create_wallet(self.path, "cold", "a").hotkey, create_wallet(self.path, "cold", "b").hotkey)

    def test_making_a_wallet_says_nothing_and_lets_nobody_else_read_it(self) -> None:
        with patch("builtins.print") as printed:
            create_wallet(self.path, "cold", "hot")
        printed.assert_not_called()
        self.assertEqual(stat.S_IMODE((self.path / "cold" / "hotkeys" / "hot").stat().st_mode), 0o600)

    def test_a_hotkey_that_is_missing_is_named_with_the_remedy(self) -> None:
        with self.assertRaisesRegex(SettingsError, r"no hotkey at .*cold/hotkeys/hot.*CGP_WALLET_HOTKEY"):
            self.load()

    def test_a_hotkey_that_is_broken_is_named(self) -> None:
        create_wallet(self.path, "cold", "hot")
        (self.path / "cold" / "hotkeys" / "hot").write_text("rubbish")
        with self.assertRaisesRegex(SettingsError, r"hotkeys/hot' cannot be read .* mnemonic"):
            self.load()

    def test_a_name_that_leads_elsewhere_is_refused(self) -> None:
        for name in ("", "..", "a/b", "a\\b"):
            with self.subTest(name), self.assertRaisesRegex(SettingsError, "CGP_WALLET_NAME"):
                create_wallet(self.path, name, "hot")

    def test_a_folder_that_cannot_be_written_is_named(self) -> None:
        (self.path / "file").write_text("")
        with self.assertRaisesRegex(SettingsError, "no wallet can be written to"):
            create_wallet(self.path / "file", "cold", "hot")

    def test_an_address_is_told_from_a_text(self) -> None:
        self.assertEqual([is_hotkey(text) for text in (ALICE.hotkey, ALICE.hotkey[:-1], "", "x")], [True, *[False] * 3])

    def load(self) -> Hotkey:
        return load_signer(self.path, "cold", "hot").hotkey
