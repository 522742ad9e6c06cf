"""Which addresses a miner may publish on which network, and what is said of what cannot be seen from inside."""

import unittest

from conversation_genome.preflight.address_checks import check_address, is_public
from conversation_genome.preflight.findings import Findings
from conversation_genome.settings import MinerSettings
from tests_ap.environment import settings_of
from tests_ap.neurons import neuron


class Addresses(unittest.TestCase):
    def check(self, network: str, host: str, port: int = 8091) -> Findings:
        findings = Findings()
        with settings_of():
            settings = MinerSettings(subtensor_network=network, miner_external_host=host, miner_port=port)
        check_address(settings, neuron(3, "miner"), findings)
        return findings

    def test_networks_that_others_take_part_in_are_public(self) -> None:
        for network in ("finney", "test", "wss://entrypoint-finney.opentensor.ai:443", "ws://8.8.8.8:9944"):
            self.assertTrue(is_public(network), network)
        for network in (
            "local",
            "ws://127.0.0.1:9944",
            "ws://localhost:9944",
            "ws://[::1]:9944",
            "ws://192.168.1.4:9944",
        ):
            self.assertFalse(is_public(network), network)

    def test_an_address_that_the_world_cannot_reach_is_refused_on_a_public_network(self) -> None:
        for host in (
            "127.0.0.1",
            "10.0.0.8",
            "192.168.1.4",
            "172.16.0.9",
            "169.254.1.1",
            "100.64.0.1",
            "::1",
            "fe80::1",
            "fd00::1",
        ):
            for network in ("finney", "test"):
                (fault,) = self.check(network, host).faults
                self.assertRegex(
                    str(fault), rf"CGP_MINER_EXTERNAL_HOST is {host}, an? .*no validator of {network} can reach"
                )

    def test_on_a_network_of_ones_own_any_address_will_do(self) -> None:
        self.assertEqual(self.check("ws://127.0.0.1:9944", "127.0.0.1").faults, [])

    def test_a_name_is_refused_with_the_address_that_it_leads_to(self) -> None:
        (fault,) = self.check("finney", "localhost").faults
        self.assertRegex(
            str(fault), r"'localhost', and the chain keeps IP addresses alone; the name leads to (127.0.0.1|::1)"
        )

    def test_what_cannot_be_seen_from_inside_is_said_with_the_way_to_look(self) -> None:
        for host, url in (
            ("8.8.8.8", "http://8.8.8.8:8091"),
            ("2001:4860:4860::8888", "http://[2001:4860:4860::8888]:8091"),
        ):
            findings = self.check("finney", host)
            self.assertEqual(findings.faults, [])
            self.assertIn(
                f"cannot be seen from here: once the miner runs, `curl {url}/healthz`", "\n".join(findings.notes)
            )

    def test_a_port_that_changes_at_each_start_is_mentioned(self) -> None:
        self.assertIn("CGP_MINER_PORT is 0", "\n".join(self.check("finney", "8.8.8.8", port=0).notes))


if __name__ == "__main__":
    unittest.main()
