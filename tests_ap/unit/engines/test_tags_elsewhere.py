# ruff: noqa: RUF001 - Cyrillic, Japanese and Chinese are what is tested
"""Tags of talk that is not English: what their names name, and what is none."""

import unittest

from conversation_genome.annotation import Aspect
from conversation_genome.conversation import Conversation
from conversation_genome.engines.extractive.aspects import aspect_of
from conversation_genome.engines.extractive.names_elsewhere import aspects_elsewhere
from conversation_genome.engines.extractive.reading import read
from tests_ap.unit.engines.talks import talk


def tags(conversation: Conversation) -> dict[str, Aspect]:
    """Return whatever may become a tag, with its aspect."""
    reading = read(conversation)
    known = dict(enumerate(map(aspect_of, reading.candidates)))
    told = aspects_elsewhere(reading, known)
    return {reading.candidates[number].text: aspect for number, aspect in told.items()}


class NamesElsewhereTest(unittest.TestCase):
    def test_german_names_are_told_from_other_nouns(self) -> None:
        found = tags(
            talk(
                "Die Wohnung in Leipzig kostet 950 Euro.",
                "Ich spiele Handball beim SC DHfK.",
                "Meine Kollegin Sabine arbeitet beim ADAC, das Werkzeug kommt von der Muster GmbH.",
                participants=("A1", "B2"),
                language="de",
            )
        )
        expected = {
            "Leipzig": Aspect.PLACE,
            "Wohnung": Aspect.TOPIC,
            "SC DHfK": Aspect.ORGANISATION,
            "Handball": Aspect.TOPIC,
            "ADAC": Aspect.ORGANISATION,
            "Muster GmbH": Aspect.ORGANISATION,
        }
        self.assertEqual({name: found.get(name) for name in expected}, expected)
        self.assertIn(Aspect.ENTITY, {aspect for name, aspect in found.items() if "Sabine" in name})

    def test_places_are_told_in_the_words_of_each_language(self) -> None:
        for language, line, place in (
            ("es", "La casa de Sevilla tiene jardín.", "Sevilla"),
            ("fr", "Le train pour Nantes part de la gare.", "Nantes"),
            ("it", "Il treno per Torino parte adesso.", "Torino"),
            ("pt", "O voo para Lisboa atrasou.", "Lisboa"),
            ("nl", "De trein naar Utrecht is vol.", "Utrecht"),
            ("pl", "Pociąg do Warszawy odjeżdża.", "Warszawy"),
            ("ru", "Поезд до Казани опоздал.", "Казани"),
            ("ja", "来月、京都で展覧会があります。", "京都"),
            ("zh", "上海的房租很贵。", "上海"),
        ):
            self.assertIs(tags(talk(line, language=language)).get(place), Aspect.PLACE, language)

    def test_what_is_not_sure_stays_what_it_was(self) -> None:
        found = tags(talk("Das Essen in der Halle war gut, die TV-Übertragung auch.", "Der PC ist neu.", language="de"))
        self.assertEqual(set(found.values()), {Aspect.TOPIC})

    def test_institutions_are_organisations(self) -> None:
        found = tags(talk("東京大学の図書館は大きいです。", language="ja"))
        self.assertIs(found.get("東京大学") or found.get("東京大学図書館"), Aspect.ORGANISATION)


class CleaningElsewhereTest(unittest.TestCase):
    def test_units_and_currencies_are_no_tags(self) -> None:
        for language, line in (
            ("de", "Das Fahrrad kostet 300 Euro und wiegt zehn Kilo."),
            ("es", "La bicicleta cuesta 300 euros y pesa diez kilos."),
            ("pl", "Rower kosztuje 300 złotych."),
        ):
            found = {name.lower() for name in tags(talk(line, language=language))}
            self.assertEqual(found & {"euro", "euros", "kilo", "kilos", "złotych"}, set(), language)

    def test_verbs_of_the_first_person_are_no_tags_where_languages_have_no_articles(self) -> None:
        for language, line, verb in (
            ("pl", "Uwielbiam góry i mieszkam blisko lasu.", "uwielbiam"),
            ("ru", "Обожаю горы и живу рядом с лесом.", "обожаю"),
        ):
            words = {word for name in tags(talk(line, language=language)) for word in name.lower().split()}
            self.assertNotIn(verb, words)


if __name__ == "__main__":
    unittest.main()
