"""The configuration of this machine as it stands, shown setting by setting."""

import unittest

from conversation_genome.configuration.catalogue import catalogue
from conversation_genome.configuration.report import ConfigurationReport, check_configuration
from conversation_genome.settings import env_file


class EverySetting(unittest.TestCase):
    """Reads what a role would read: the environment, `.env` and the defaults."""

    report: ConfigurationReport

    @classmethod
    def setUpClass(cls) -> None:
        cls.report = check_configuration()

    def test_every_setting_has_a_value_an_origin_and_a_meaning(self) -> None:
        print(f"\nConfiguration ({env_file()} {'is' if env_file().is_file() else 'is not'} there):")
        for setting in self.report.settings:
            print(f"  {setting.name} = {setting.value or '(empty)'}  [{setting.origin}]  {setting.description}")
            self.assertTrue(setting.description, setting.name)
            self.assertTrue(setting.origin, setting.name)
        self.assertEqual([row.name for row in self.report.settings], [entry.name for entry in catalogue()])
        print(f"Checked {len(self.report.settings)} settings")

    def test_every_value_that_is_set_can_be_used(self) -> None:
        print(f"\n{len(self.report.unreadable)} values cannot be used")
        self.assertFalse(self.report.unreadable, "\n" + "\n".join(map(str, self.report.unreadable)))

    def test_what_is_missing_before_a_role_can_start_is_named(self) -> None:
        print(f"\n{len(self.report.missing)} things are missing before every role can start outside `cgp local up`:")
        for fault in self.report.missing:
            print(f"  {fault}")
            self.assertRegex(fault.message, r"(;|`).+", "a fault names its remedy")


if __name__ == "__main__":
    unittest.main()
