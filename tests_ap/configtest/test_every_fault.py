"""Faulty configurations: each fault is found, and all of them at once."""

import os
import unittest
from pathlib import Path

from conversation_genome.configuration.report import ConfigurationReport, check_configuration
from conversation_genome.embedding.files import ModelFiles
from conversation_genome.errors import InputError, SettingsError
from conversation_genome.settings import MinerSettings, ServerSettings, ValidatorSettings, load_settings
from tests_ap.environment import settings_of

ALICE = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"
"""The well-known development account of Substrate."""


def faults_of(report: ConfigurationReport) -> dict[str, str]:
    return {fault.setting: fault.message for fault in report.unreadable + report.missing}


class FaultyValues(unittest.TestCase):
    def test_all_faults_are_reported_at_once(self) -> None:
        wrong = {
            "CGP_MINER_PORT": "eighty",
            "CGP_NETUID": "-1",
            "CGP_LOG_LEVEL": "loud",
            "CGP_SERVER_WINDOW_LINES": "4",
            "CGP_SERVER_WINDOW_OVERLAP": "4",
            "CGP_VALIDATOR_EMA_ALPHA": "0",
        }
        with settings_of(**wrong):
            report = check_configuration()
        print("\nFaults that were planted, and found:")
        print("\n".join(f"  {fault}" for fault in report.unreadable))
        found = faults_of(report)
        for name in wrong:
            self.assertTrue(any(name in f"{setting} {message}" for setting, message in found.items()), name)

    def test_a_contradiction_is_found_beside_an_unreadable_value(self) -> None:
        with settings_of(CGP_SERVER_WINDOW_LINES="4", CGP_SERVER_WINDOW_OVERLAP="9", CGP_SERVER_PORT="x"):
            lines = [str(fault) for fault in check_configuration("server").unreadable]
        self.assertEqual(len(lines), 2)
        self.assertIn("CGP_SERVER_WINDOW_OVERLAP (9) must be smaller than CGP_SERVER_WINDOW_LINES (4)", lines[1])

    def test_a_fault_shows_the_value_and_what_may_be_written(self) -> None:
        with settings_of(CGP_MINER_MAX_TAGS="400"):
            message = faults_of(check_configuration("miner"))["CGP_MINER_MAX_TAGS"]
        self.assertIn("'400'", message)
        self.assertIn("whole number, 1 to 40", message)

    def test_a_role_refuses_to_load_what_the_check_refuses(self) -> None:
        with settings_of(CGP_MINER_MAX_TAGS="400", CGP_MINER_PORT="x"), self.assertRaises(SettingsError) as caught:
            load_settings(MinerSettings)
        self.assertEqual(len(str(caught.exception).splitlines()), 2)

    def test_an_unknown_name_in_the_environment_gets_a_suggestion(self) -> None:
        with settings_of(CGP_MINER_PROT="8091"):
            message = faults_of(check_configuration())["CGP_MINER_PROT"]
        self.assertIn("did you mean CGP_MINER_PORT?", message)

    def test_an_unknown_name_in_the_settings_file_is_found(self) -> None:
        with settings_of(env_file="CGP_FAVOURITE_COLOUR=blue\n") as folder:
            message = faults_of(check_configuration())["CGP_FAVOURITE_COLOUR"]
        self.assertIn(str(folder / "settings.env"), message)

    def test_a_broken_line_of_the_settings_file_is_named_by_its_number(self) -> None:
        with settings_of(env_file="CGP_NETUID=1\nnot a setting\n") as folder, self.assertLogs("dotenv", "WARNING"):
            found = faults_of(check_configuration())
        self.assertIn(f"{folder / 'settings.env'}:2", found)

    def test_a_settings_file_that_is_no_text_is_refused_in_one_sentence(self) -> None:
        with settings_of(env_file=b"CGP_NETUID=\xff\xfe\n"), self.assertRaisesRegex(SettingsError, "UTF-8"):
            check_configuration()

    def test_a_named_settings_file_that_is_not_there_is_a_fault(self) -> None:
        with settings_of(CGP_ENV_FILE="nowhere.env"):
            self.assertIn("nowhere.env", faults_of(check_configuration())["CGP_ENV_FILE"])

    def test_an_unknown_role_is_refused_with_the_roles_that_there_are(self) -> None:
        with self.assertRaisesRegex(InputError, "miner, validator, server"):
            check_configuration("observer")


class Origins(unittest.TestCase):
    def test_the_environment_wins_over_the_file_and_the_file_over_the_default(self) -> None:
        with settings_of(env_file="CGP_MINER_PORT=7001\nCGP_NETUID=7\n", CGP_MINER_PORT="7002") as folder:
            rows = {row.name: (row.value, row.origin) for row in check_configuration("miner").settings}
            loaded = load_settings(MinerSettings)
        self.assertEqual(rows["CGP_MINER_PORT"], ("7002", "environment"))
        self.assertEqual(rows["CGP_NETUID"], ("7", str(folder / "settings.env")))
        self.assertEqual(rows["CGP_MINER_ENGINE"], ("extractive", "default"))
        self.assertEqual((loaded.miner_port, loaded.netuid), (7002, 7))

    def test_a_name_without_a_value_is_as_good_as_left_out(self) -> None:
        with settings_of(env_file="CGP_MINER_PORT=\nCGP_MINER_ANSWER_LOG=\n", CGP_NETUID=""):
            report, loaded = check_configuration("miner"), load_settings(MinerSettings)
        self.assertFalse(report.unreadable)
        self.assertEqual((loaded.miner_port, loaded.miner_answer_log, loaded.netuid), (8091, None, 33))

    def test_secrets_are_masked_in_values_and_in_faults(self) -> None:
        url = "postgresql+asyncpg://operator:hunter2@db.example/cgp"
        with settings_of(CGP_SERVER_ADMIN_KEY_SHA256="hunter3", CGP_SERVER_DATABASE_URL=url):
            text = check_configuration("server").model_dump_json()
        self.assertNotIn("hunter", text)
        self.assertIn("operator:********@db.example", text)


class WhatIsMissing(unittest.TestCase):
    def test_a_wallet_a_ledger_and_the_servers_hotkey_are_named_with_their_remedies(self) -> None:
        with settings_of(CGP_WALLET_PATH="no-wallets", CGP_LEDGER_PATH="no-ledger.sqlite"):
            found = faults_of(check_configuration("validator"))
        self.assertIn("btcli wallet create", found["CGP_WALLET_NAME"])
        self.assertIn("cgp local up", found["CGP_LEDGER_PATH"])
        self.assertIn("ask the server's operator", found["CGP_SERVER_HOTKEY"])

    def test_a_hotkey_file_that_is_not_in_the_wallet_is_named(self) -> None:
        with settings_of() as folder:
            (folder / "cold" / "hotkeys").mkdir(parents=True)
            os.environ |= {"CGP_WALLET_PATH": str(folder), "CGP_WALLET_NAME": "cold", "CGP_WALLET_HOTKEY": "hot"}
            self.assertIn(str(Path("cold/hotkeys/hot")), faults_of(check_configuration("miner"))["CGP_WALLET_HOTKEY"])

    def test_a_complete_configuration_has_no_fault(self) -> None:
        with settings_of(CGP_SERVER_HOTKEY=ALICE) as folder:
            (folder / "default" / "hotkeys").mkdir(parents=True)
            (folder / "default" / "hotkeys" / "default").write_text("{}")
            (folder / "ledger.sqlite").touch()
            os.environ |= {"CGP_WALLET_PATH": str(folder), "CGP_LEDGER_PATH": str(folder / "ledger.sqlite")}
            found = faults_of(check_configuration())
        if not ModelFiles(load_settings(ServerSettings).models_path).manifest.is_file():
            self.assertEqual(list(found), ["CGP_MODELS_PATH"])  # `cgp setup` has not run on this machine
        else:
            self.assertEqual(found, {})

    def test_a_hotkey_with_one_wrong_letter_is_refused(self) -> None:
        for hotkey in (ALICE[:-1] + "Z", ALICE[:-1], "0x" + "ab" * 32, "alice", "5" * 48):
            with self.subTest(hotkey), settings_of(CGP_SERVER_HOTKEY=hotkey):
                self.assertIn("no ss58 address", faults_of(check_configuration("validator"))["CGP_SERVER_HOTKEY"])

    def test_a_folder_under_a_file_cannot_be_written(self) -> None:
        with settings_of() as folder:
            (folder / "file").touch()
            os.environ["CGP_SERVER_DATASET_PATH"] = str(folder / "file" / "dataset")
            self.assertIn("is a file", faults_of(check_configuration("server"))["CGP_SERVER_DATASET_PATH"])

    def test_a_model_that_was_not_exported_is_missing(self) -> None:
        with settings_of(CGP_MODELS_PATH="no-models"):
            self.assertIn("cgp setup", faults_of(check_configuration("server"))["CGP_MODELS_PATH"])

    def test_swapped_netuids_are_seen(self) -> None:
        with settings_of(CGP_SUBTENSOR_NETWORK="test", CGP_NETUID="33"):
            self.assertIn("138 on test", faults_of(check_configuration("miner"))["CGP_NETUID"])

    def test_a_network_that_there_is_not_is_refused(self) -> None:
        with settings_of(CGP_SUBTENSOR_NETWORK="moonbase"):
            self.assertIn("ws://", faults_of(check_configuration("miner"))["CGP_SUBTENSOR_NETWORK"])

    def test_a_server_url_without_a_scheme_is_refused(self) -> None:
        with settings_of(CGP_SERVER_URL="127.0.0.1:8000"):
            self.assertIn("http://", faults_of(check_configuration("validator"))["CGP_SERVER_URL"])
            self.assertEqual(load_settings(ValidatorSettings).server_url, "127.0.0.1:8000")

    def test_a_miner_on_a_real_network_needs_an_address_that_can_be_reached(self) -> None:
        network = {"CGP_SUBTENSOR_NETWORK": "test", "CGP_NETUID": "138"}
        with settings_of(**network):
            self.assertIn("CGP_MINER_EXTERNAL_HOST", faults_of(check_configuration("miner")))
        with settings_of(**network, CGP_MINER_EXTERNAL_HOST="192.0.2.7"):
            self.assertNotIn("CGP_MINER_EXTERNAL_HOST", faults_of(check_configuration("miner")))

    def test_a_dishonest_miner_may_not_leave_the_local_network(self) -> None:
        with settings_of(CGP_SUBTENSOR_NETWORK="test", CGP_NETUID="138", CGP_MINER_BEHAVIOUR="stuffer"):
            self.assertIn("only `honest`", faults_of(check_configuration("miner"))["CGP_MINER_BEHAVIOUR"])


if __name__ == "__main__":
    unittest.main()
