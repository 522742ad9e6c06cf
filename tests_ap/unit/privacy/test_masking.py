"""Placeholders, and that nothing gets past them."""

import json
import unittest
from pathlib import Path

from conversation_genome.annotation import Fact, FactKind, Profile
from conversation_genome.conversation import Conversation, Utterance
from conversation_genome.engines.loading import load_engine
from conversation_genome.privacy.masking import Mask, masked
from conversation_genome.testing.embedder import HashEmbedder
from tests_ap.unit.engines.talks import talk

DATA = Path(__file__).resolve().parents[4] / "shared/data/pii_presidio.jsonl"
TYPES = {"EMAIL_ADDRESS", "CREDIT_CARD", "IBAN_CODE", "IP_ADDRESS", "US_SSN", "PHONE_NUMBER", "PERSON"}


class MaskTest(unittest.TestCase):
    def test_a_value_has_one_placeholder_wherever_it_stands(self) -> None:
        found = masked(
            talk("I am Carla Mendes, carla@example.org", "Hi Carla!", "Mrs. Mendes, please. Or CARLA@example.org")
        )
        self.assertEqual(
            [line.text for line in found.lines],
            ["I am [PERSON_3], [EMAIL_1]", "Hi [PERSON_3]!", "Mrs. [PERSON_3], please. Or [EMAIL_1]"],
        )

    def test_participants_are_masked_unless_their_name_names_nobody(self) -> None:
        named = masked(talk("Hello.", participants=("Anna Smith", "User 1", "SPEAKER_2")))
        self.assertEqual(named.participants, ("[PERSON_1]", "User 1", "SPEAKER_2"))

    def test_a_name_that_is_a_word_as_well_leaves_the_word(self) -> None:
        found = masked(talk("My brother Will will come.", participants=("A1", "User 2")))
        self.assertEqual(found.lines[0].text, "My brother [PERSON_2] will come.")

    def test_a_tag_that_tells_a_value_or_a_part_of_a_name_is_known(self) -> None:
        mask = Mask(talk("I met Carla Mendes at 12 Baker Street."))
        told = [mask.tells(tag) for tag in ("mendes", "Carla Mendes", "12 baker street", "jo@example.org", "music")]
        self.assertEqual(told, [True, True, True, True, False])

    def test_profiles_hold_placeholders(self) -> None:
        conversation = talk("My sister Carla is a nurse.", participants=("Jo Doe", "User 2"))
        fact = Fact(kind=FactKind.PERSON, text="My sister Carla is a nurse", evidence=(0,))
        (profile,) = Mask(conversation).profiles([Profile(participant="Jo Doe", facts=(fact,))])
        self.assertEqual(
            (profile.participant, profile.facts[0].text), ("[PERSON_1]", "My sister [PERSON_2] is a nurse")
        )

    def test_masking_again_changes_nothing(self) -> None:
        once = masked(talk("I am Carla Mendes, carla@example.org, call +1 541-754-3010"))
        self.assertEqual(masked(once), once)


class LeakTest(unittest.TestCase):
    def setUp(self) -> None:
        if not DATA.is_file():
            self.skipTest(f"{DATA.name} is not in ../shared/data")

    def test_nothing_that_was_found_comes_out_in_a_line_a_tag_or_a_profile(self) -> None:
        engine = load_engine("extractive-light", HashEmbedder())
        rows = [json.loads(line) for line in DATA.read_text(encoding="utf-8").splitlines()[:60]]
        for batch in (rows[start : start + 50] for start in range(0, len(rows), 50)):
            said = tuple(Utterance(speaker=0, text=text) for row in batch for _, text in row["lines"])
            conversation = Conversation(id="leak", participants=("User 1",), lines=said, language="en")
            mask = Mask(conversation)
            read = engine.annotate(mask.conversation(conversation), max_tags=40)
            told = [line.text for line in mask.conversation(conversation).lines]
            told += [tag.text for tag in read.tags] + [fact.text for one in read.profiles for fact in one.facts]
            everything = "\n".join(told).casefold()
            self.assertEqual([value for value in mask.values if not value.isalpha() and value in everything], [])


if __name__ == "__main__":
    unittest.main()
