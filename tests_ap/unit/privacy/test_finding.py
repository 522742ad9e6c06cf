"""What is personal in a text."""

import unittest
from unittest import mock

from conversation_genome.privacy import names
from conversation_genome.privacy.finding import Finding, Kind, without_overlaps
from conversation_genome.privacy.masking import findings_in, has_form
from conversation_genome.privacy.names import names_in
from conversation_genome.privacy.patterns import is_iban, is_luhn


def found(text: str) -> list[tuple[str, str]]:
    (findings,) = findings_in([text])
    return [(one.kind.value, text[one.start : one.end]) for one in findings]


class FormTest(unittest.TestCase):
    def test_each_kind_is_found_as_people_write_it(self) -> None:
        said = {
            "write to jo.doe+x@mail.example.org today": ("EMAIL", "jo.doe+x@mail.example.org"),
            "it is jo dot": None,
            "see https://example.org/u/jo?x=1.": ("URL", "https://example.org/u/jo?x=1"),
            "I am on github.com/jodoe": ("URL", "github.com/jodoe"),
            "ping @jo_doe about it": ("ACCOUNT", "@jo_doe"),
            "my card is 4454 7945 1139 0933 ok": ("CARD", "4454 7945 1139 0933"),
            "to GB56HXDO88167774656119 please": ("IBAN", "GB56HXDO88167774656119"),
            "ip 203.0.113.7 answers": ("IP", "203.0.113.7"),
            "and 2001:db8::ff00:42:8329 too": ("IP", "2001:db8::ff00:42:8329"),
            "ssn 078-05-1120": ("ID", "078-05-1120"),
            "my passport number is X1234567": ("ID", "X1234567"),
            "driver's license: F162823540116": ("ID", "F162823540116"),
            "call +1 541-754-3010 now": ("PHONE", "+1 541-754-3010"),
            "ruf 030 901820 an, my phone": ("PHONE", "030 901820"),
            "I was born on 2/8/1935": ("DATE_OF_BIRTH", "2/8/1935"),
            "we meet at 12 Baker Street": ("ADDRESS", "12 Baker Street"),
            "in der Hauptstraße 5": ("ADDRESS", "Hauptstraße 5"),
            "at 10 rue de la Paix": ("ADDRESS", "10 rue de la Paix"),
            "P.O. Box 287": ("ADDRESS", "P.O. Box 287"),
        }
        for text, value in said.items():
            self.assertEqual(found(text), [value] if value else [], text)

    def test_what_only_looks_like_it_is_left(self) -> None:
        for text in (
            "version 2.10.3 came out in 1977",
            "I have 20 dogs and 3 cats",
            "from 1998 to 2003 we won 12 games",
            "it costs 1,250,000 dollars",
            "order 1234567890123456 of 802.11",
            "the server runs on 127.0.0.1",
            "at 10:30 on 2024-05-01",
            "Windows 95 beat Route 66",
        ):
            self.assertEqual(found(text), [], text)

    def test_check_digits_tell_a_number_from_a_typing_error(self) -> None:
        self.assertEqual([is_luhn("4454794511390933"), is_luhn("4454794511390934")], [True, False])
        self.assertEqual([is_iban("GB56HXDO88167774656119"), is_iban("GB57HXDO88167774656119")], [True, False])

    def test_findings_that_overlap_become_one_of_the_longer_kind(self) -> None:
        whole, part, after = Finding(0, 9, Kind.ADDRESS), Finding(5, 12, Kind.PHONE), Finding(12, 14, Kind.ID)
        self.assertEqual(without_overlaps([part, after, whole]), (Finding(0, 12, Kind.ADDRESS), after))

    def test_form_alone_tells_nothing_of_names(self) -> None:
        self.assertEqual([has_form("Anna Smith"), has_form("anna@example.org")], [False, True])


class NamesTest(unittest.TestCase):
    def test_private_people_are_found_by_how_they_are_spoken_of(self) -> None:
        said = {
            "My name is Rubija.": "Rubija",
            "my wife Zarela came": "Zarela",
            "Dr. Vasquez called.": "Vasquez",
            "Then Anna left.": "Anna",
            "I am Jo Doe.": "Jo Doe",
            "her maiden name is nyberg": "nyberg",
        }
        for text, name in said.items():
            self.assertEqual(found(text), [("PERSON", name)], text)

    def test_words_beyond_so_many_are_forgotten_and_people_are_found_as_before(self) -> None:
        texts = [f"Ovidia Brankowitz met a zorb{number} in Glimsk{number}." for number in range(40)]
        before = [found(text) for text in texts]
        with mock.patch("conversation_genome.spacy_library.KEPT_WORDS", 0):
            names_in(["A first text."])
            new = [text.replace("zorb", "frim").replace("Glimsk", "Trelsk") for text in texts]
            self.assertEqual([len(found(text)) for text in new], [len(one) for one in before])
            self.assertEqual([found(text) for text in texts], before)
        kept = names._model().vocab.strings
        self.assertEqual(["zorb7" in kept, "frim7" in kept], [True, False])

    def test_people_who_are_widely_known_stay(self) -> None:
        self.assertEqual(found("I love Taylor Swift and Michael Jordan"), [])

    def test_ordinary_words_with_a_capital_are_no_names(self) -> None:
        for text in ("She was late. You said so.", "Thanks, Great!", "Hello there", "I am English", "I'm OK"):
            self.assertEqual(found(text), [], text)


if __name__ == "__main__":
    unittest.main()
