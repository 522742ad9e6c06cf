"""The language of a conversation is told at the import where its source does not state one."""

import json
import unittest

from conversation_server.services.importing import Read, read_batch

GERMAN = [[0, "Kommst du heute Abend zum Schachclub?"], [1, "Ja, ich spiele wieder das Flügelgambit."]]


def read(**fields: object) -> Read:
    record = {"id": "c", "source": "s", "participants": ["a", "b"], "lines": GERMAN, **fields}
    return read_batch([(1, json.dumps(record).encode())])[0]


def language(**fields: object) -> str | None:
    conversation = read(**fields).conversation
    assert conversation is not None
    return conversation.language


class LanguageAtImportTest(unittest.TestCase):
    def test_an_unstated_language_is_told_by_the_words(self) -> None:
        self.assertEqual((language(), language(language=None)), ("de", "de"))

    def test_a_stated_language_stays_as_it_is_written(self) -> None:
        self.assertEqual((language(language="de-AT"), language(language="fr")), ("de-AT", "fr"))

    def test_what_is_no_language_code_gives_way_to_the_words(self) -> None:
        self.assertEqual((language(language="und"), language(language="unknown")), ("de", "de"))

    def test_where_the_words_say_nothing_the_language_stays_open(self) -> None:
        self.assertIsNone(language(lines=[[0, "ok"], [1, "12:30"]]))

    def test_the_content_hash_does_not_depend_on_the_language(self) -> None:
        hashes = {read(language=code).conversation.content_hash for code in (None, "de", "fr")}  # type: ignore[union-attr]
        self.assertEqual(len(hashes), 1)
