"""What a role is told before it starts on a chain, by the real SDK and a node: every fault with its remedy, at once."""

import socket
import unittest

from bittensor.wallet import Wallet

from conversation_genome.chain.base import Endpoint, Netuid
from conversation_genome.chain.bittensor import BittensorChain
from conversation_genome.chain.rules import WEIGHTS_VERSION
from conversation_genome.protocol.signing import Signer
from tests_ap.integration.chain.sdk import NETUID
from tests_ap.integration.preflight.stage import (
    ELSEWHERE,
    PreflightTestCase,
    clock_that_is_off,
    free_port,
    pretended_server,
)

RICH = Signer.from_uri("//Rich")


class TestMiner(PreflightTestCase):
    def test_a_registered_miner_is_ready(self) -> None:
        self.register()
        report = self.check("miner")
        self.assert_ready(report)
        told = "\n".join(report.passed)
        for words in (self.signer.hotkey, self.node.url, "registered as uid 0", "s old when it arrived", "is free"):
            self.assertIn(words, told)

    def test_one_that_is_not_registered_is_told_how(self) -> None:
        self.assert_one_fault(
            self.check("miner"),
            r"is not registered on subnet 33: `btcli subnet register --netuid 33 .*--wallet-hotkey hot`",
        )

    def test_a_subnet_that_is_not_there_is_named(self) -> None:
        self.assert_one_fault(self.check("miner", netuid="34"), "no subnet 34 on this chain: set CGP_NETUID")

    def test_every_fault_is_said_at_once(self) -> None:
        taken = self.enterContext(socket.create_server(("127.0.0.1", 0))).getsockname()[1]
        (self.folder / "wallets/cold/hotkeys/hot").chmod(0o644)
        report = self.check("miner", miner_port=str(taken), miner_external_host="example.invalid", miner_max_tags="0")
        told = "\n".join(map(str, report.faults))
        for words in ("CGP_MINER_MAX_TAGS is", "chmod 600", "not registered", "IP addresses alone", "cannot listen on"):
            self.assertIn(words, told)
        self.assertEqual(len(report.faults), 5)

    def test_a_published_endpoint_is_recognised_and_another_one_announced(self) -> None:
        self.register()
        port = free_port()
        chain = BittensorChain(self.node.url, self.signer)
        self.addCleanup(chain.close)
        chain.serve(Netuid(NETUID), Endpoint(host="127.0.0.1", port=port))
        self.assertIn(
            f"http://127.0.0.1:{port} is published on chain already", self.check("miner", miner_port=str(port)).passed
        )
        report = self.check("miner", miner_external_host="127.0.0.2")
        self.assertRegex(
            "\n".join(report.notes), rf"127.0.0.2:\d+ will be published .* in place of http://127.0.0.1:{port}"
        )

    def test_an_address_of_another_machine_must_be_forwarded(self) -> None:
        self.register()
        report = self.check("miner", miner_external_host="198.51.100.7")
        self.assert_ready(report)
        self.assertIn("198.51.100.7 is none of this machine's own addresses", "\n".join(report.notes))


class TestWallet(PreflightTestCase):
    def test_a_wallet_that_is_missing_leaves_the_rest_checked(self) -> None:
        report = self.check("miner", wallet_name="absent")
        self.assert_one_fault(
            report, "CGP_WALLET_NAME names a wallet that is not there .*btcli wallet create --wallet absent"
        )
        self.assertIn("registration, permit and stake were not looked at", "\n".join(report.notes))
        self.assertIn("subnet 33", "\n".join(report.passed))

    def test_a_hotkey_that_asks_for_a_password_is_refused_and_nobody_is_asked(self) -> None:
        locked = self.folder / "wallets/cold/hotkeys/locked"
        locked.write_bytes(b"$NACL" + bytes(200))  # how an encrypted key begins; a real one takes seconds to make
        locked.chmod(0o600)
        self.assert_one_fault(
            self.check("miner", wallet_hotkey="locked"), "a hotkey that is encrypted .*regen-hotkey --overwrite"
        )

    def test_a_file_that_is_no_key_is_named(self) -> None:
        file = self.folder / "wallets/cold/hotkeys/broken"
        file.write_text("not a key", encoding="utf-8")
        file.chmod(0o600)
        self.assert_one_fault(self.check("miner", wallet_hotkey="broken"), "hotkeys/broken.* cannot be read")

    def test_a_folder_in_which_others_write_is_refused(self) -> None:
        self.register()
        folder = self.folder / "wallets/cold/hotkeys"
        folder.chmod(0o777)
        self.assert_one_fault(self.check("miner"), f"others may put another key .*mode 777.*chmod 700 {folder}")

    def test_a_coldkey_that_lies_there_is_mentioned(self) -> None:
        self.register()
        Wallet("cold", "hot", str(self.folder / "wallets")).create_new_coldkey(
            use_password=False, overwrite=True, suppress=True
        )
        report = self.check("miner")
        self.assert_ready(report)
        self.assertIn("the coldkey lies on this machine, too", "\n".join(report.notes))


class TestEndpoints(PreflightTestCase):
    def test_a_chain_of_which_no_endpoint_answers_is_one_fault(self) -> None:
        report = self.check("miner", subtensor_network=ELSEWHERE, subtensor_fallback_endpoints="ws://127.0.0.1:1")
        self.assert_one_fault(
            report, "no endpoint answers: ws://127.0.0.1:9 .*; ws://127.0.0.1:1 .*CGP_SUBTENSOR_FALLBACK"
        )

    def test_a_fallback_that_answers_is_enough(self) -> None:
        self.register()
        report = self.check("miner", subtensor_network=ELSEWHERE, subtensor_fallback_endpoints=self.node.url)
        self.assert_ready(report)
        self.assertRegex("\n".join(report.notes), f"does not answer: {ELSEWHERE} .*the others are used")


class TestValidator(PreflightTestCase):
    def check_beside(self, server: str, **more: str) -> object:
        return self.check("validator", server_url=server, **more)

    def test_a_validator_with_a_permit_and_a_server_is_ready(self) -> None:
        self.register(100.0)
        with pretended_server() as url:
            report = self.check_beside(url)
        self.assert_ready(report)
        told = "\n".join(report.passed)
        for words in (
            "holds a validator permit",
            f"version {WEIGHTS_VERSION} are taken",
            "the clock agrees",
            "answers at http://",
        ):
            self.assertIn(words, told)

    def test_without_a_permit_it_is_told_what_the_others_hold(self) -> None:
        self.node.register(NETUID, RICH.hotkey, 500.0)
        self.register(100.0)
        with pretended_server() as url:
            report = self.check_beside(url)
        self.assert_one_fault(
            report, r"no validator permit \(the smallest stake that holds one is 500, this one is 100\)"
        )

    def test_a_stake_below_the_chains_threshold_is_a_fault(self) -> None:
        self.register(100.0)
        self.node.change(lambda subnets: subnets.put("StakeThreshold", 1_000 * 10**9))
        self.node.advance()
        with pretended_server() as url:
            self.assert_one_fault(self.check_beside(url), "stake of 100 is less than the 1000 that the chain asks")

    def test_a_program_that_the_owner_shut_out_must_be_updated(self) -> None:
        self.register(100.0)
        self.node.change(lambda subnets: subnets.put("WeightsVersionKey", NETUID, WEIGHTS_VERSION + 1))
        self.node.advance()
        with pretended_server() as url:
            self.assert_one_fault(
                self.check_beside(url),
                f"of version {WEIGHTS_VERSION + 1} on, this program sends {WEIGHTS_VERSION}, so .* would be refused: update it to .* or ask the subnet's owner",
            )

    def test_a_server_that_is_away_is_a_fault(self) -> None:
        self.register(100.0)
        self.assert_one_fault(
            self.check_beside(f"http://127.0.0.1:{free_port()}"),
            "CGP_SERVER_URL .*no conversation server answers .ConnectError",
        )

    def test_another_server_than_the_one_that_is_named_is_a_fault(self) -> None:
        self.register(100.0)
        with pretended_server(hotkey=RICH.hotkey) as url:
            self.assert_one_fault(self.check_beside(url), f"CGP_SERVER_HOTKEY .*says that it is {RICH.hotkey}")

    def test_what_is_no_conversation_server_is_a_fault(self) -> None:
        self.register(100.0)
        with pretended_server(status=404) as url:
            self.assert_one_fault(self.check_beside(url), "CGP_SERVER_URL .*healthz answers 404")

    def test_a_clock_that_differs_from_the_servers_is_a_fault(self) -> None:
        self.register(100.0)
        with pretended_server(date="Mon, 01 Jan 2024 00:00:00 GMT") as url:
            self.assert_one_fault(self.check_beside(url), "ahead of the conversation server's; set it by NTP")

    def test_an_engine_that_asks_a_language_model_needs_its_key(self) -> None:
        self.register(100.0)
        with pretended_server() as url:
            report = self.check_beside(url, validator_engine="openai", llm_folder=str(self.folder / "llm"))
        self.assertIn("CGP_OPENAI_API_KEY", "\n".join(map(str, report.faults)))


class TestClock(PreflightTestCase):
    def test_a_clock_that_is_behind_is_a_fault(self) -> None:
        self.register()
        with clock_that_is_off(-60):
            self.assert_one_fault(self.check("miner"), r"clock is at least (59|60) s behind the chain's; set it by NTP")

    def test_a_clock_that_is_ahead_is_a_fault(self) -> None:
        self.register()
        with clock_that_is_off(+60):
            self.assert_one_fault(self.check("miner"), r"was 6\d s old when it arrived: .*ahead of the chain's")


class TestChainThatStandsStill(PreflightTestCase):
    BLOCK_SECONDS = None

    def test_it_is_a_fault(self) -> None:
        self.register()
        self.node.advance()
        self.assert_one_fault(self.check("miner"), "the chain made no block within 3 s: it stands still")


class TestServer(PreflightTestCase):
    def test_the_server_needs_no_registration(self) -> None:
        self.assert_ready(self.check("server", server_database_url=f"sqlite+aiosqlite:///{self.folder / 's.sqlite'}"))


if __name__ == "__main__":
    unittest.main()
