"""Records are mirrored by the real firebase-admin to a double of a Realtime Database on loopback."""

import unittest
from unittest import mock

from conversation_genome.errors import InputError, UnavailableError
from conversation_genome.publishing import firebase
from tests_ap.integration.publishing.loopback import Loopback
from tests_ap.integration.publishing.realtime import RealtimeDatabase
from tests_ap.unit.publishing.records import record

NAMES = tuple(f"talk.{number}/[#$]" for number in range(25))
"""Firebase takes none of these characters in a key."""


class FirebaseCase(unittest.TestCase):
    def setUp(self) -> None:
        self.database = RealtimeDatabase()
        loopback = Loopback(self.database.app())
        loopback.start()
        self.addCleanup(loopback.stop)
        self.url = loopback.url
        self.enterContext(mock.patch.object(firebase, "BATCH_RECORDS", 10))

    def mirror(self, names, **options):
        return firebase.mirror((record(name, **options) for name in names), self.url)

    @property
    def ids(self) -> list[str]:
        records = self.database.tree["conversation_genome"]["records"].values()
        return sorted(one["conversation"]["id"] for one in records)


class TestMirror(FirebaseCase):
    def test_every_record_is_there_in_as_many_requests_as_it_takes(self) -> None:
        self.assertEqual(self.mirror(NAMES).written, 25)
        self.assertEqual(self.ids, sorted(NAMES))
        self.assertEqual(self.database.requests, ["GET", "PATCH", "PATCH", "PATCH"])

    def test_a_record_stands_there_with_its_tags_and_its_lines(self) -> None:
        self.mirror(NAMES[:1])
        (found,) = self.database.tree["conversation_genome"]["records"].values()
        self.assertEqual([tag["text"] for tag in found["tags"]], ["balcony tomatoes", "gardening"])
        self.assertEqual(found["conversation"]["lines"][1]["text"], "How many?")

    def test_what_is_there_already_is_not_written_again(self) -> None:
        self.mirror(NAMES)
        self.database.requests.clear()
        again = self.mirror([*NAMES, "one more"])
        self.assertEqual((again.written, again.unchanged), (1, 25))
        self.assertEqual(self.database.requests, ["GET", "PATCH"])

    def test_an_interrupted_mirroring_goes_on_where_it_was(self) -> None:
        self.database.writes_until_failure = 2
        with self.assertRaisesRegex(UnavailableError, "goes on where it was"):
            self.mirror(NAMES)
        self.database.writes_until_failure = None
        again = self.mirror(NAMES)
        self.assertEqual((again.unchanged, again.written), (20, 5))
        self.assertEqual(self.ids, sorted(NAMES))

    def test_a_deleted_conversation_is_deleted_there(self) -> None:
        self.mirror(NAMES)
        self.assertEqual(self.mirror(NAMES[1:]).deleted, 1)
        self.assertEqual(self.ids, sorted(NAMES[1:]))
        self.assertEqual(len(self.database.tree["conversation_genome"]["revisions"]), 24)

    def test_a_record_without_a_licence_is_not_mirrored(self) -> None:
        self.mirror(NAMES)
        self.assertEqual(self.mirror(NAMES, license_="all rights reserved").deleted, 25)
        self.assertEqual(self.ids, [])

    def test_an_address_that_is_no_databases_is_refused(self) -> None:
        for url in ("ftp://x", "http://example.org/?ns=x", "talks"):
            with self.assertRaisesRegex(InputError, "is no database"):
                firebase.mirror([], url)


if __name__ == "__main__":
    unittest.main()
