"""Which licences let a conversation be passed on."""

import unittest

from conversation_genome.publishing.licences import redistribution_licence


class TestRedistributionLicence(unittest.TestCase):
    def test_known_names_are_read_in_any_spelling(self) -> None:
        for statement, identifier in {
            "MIT": "MIT",
            "cc-by-sa-4.0": "CC-BY-SA-4.0",
            "CC BY-SA 4.0 (copyright somebody)": "CC-BY-SA-4.0",
            "CC BY 4.0": "CC-BY-4.0",
            "MIT (repository; text from elsewhere)": "MIT",
            "CDLA-Sharing-1.0": "CDLA-Sharing-1.0",
        }.items():
            with self.subTest(statement):
                self.assertEqual(redistribution_licence(statement), identifier)

    def test_what_is_unknown_missing_or_restricted_is_not_passed_on(self) -> None:
        for statement in (
            None,
            "",
            "  ",
            "all rights reserved",
            "CC BY-NC 4.0",
            "CC BY-ND 4.0",
            "CC BY",
            "MITRE",
            "not MIT",
        ):
            with self.subTest(statement):
                self.assertIsNone(redistribution_licence(statement))
