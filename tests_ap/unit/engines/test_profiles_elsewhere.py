# ruff: noqa: RUF001 - Cyrillic, Chinese and Korean are what is tested
"""What participants said of themselves in languages other than English."""

import time
import unittest

from conversation_genome.engines.extractive.facts.grammars import LANGUAGES as SPACED
from conversation_genome.engines.extractive.facts.grammars import grammar_of
from conversation_genome.engines.extractive.facts.other_languages import LANGUAGES, other_facts
from conversation_genome.engines.sensitive import is_sensitive
from tests_ap.unit.engines.talks import talk
from tests_ap.unit.engines.test_extractive_profiles import facts, profiles

SAID = {
    "de": {
        "Ich arbeite ja ab Juni in der Kinderklinik, da kann ich mit dem Rad hin": [("role", "Ich arbeite ab Juni in der Kinderklinik")],
        "Ich spiele dann wieder Handball beim SC DHfK, die haben eine Hobbymannschaft": [("interest", "Ich spiele dann wieder Handball beim SC DHfK")],
        "Mein Bruder hat einen Transporter": [("person", "Mein Bruder hat einen Transporter")],
        "Wir können ab 1. Mai in die Wohnung in Leipzig": [("place", "Wir können ab 1. Mai in die Wohnung in Leipzig")],
        "Ich bin Bäcker und wohne in Wien, und du?": [("role", "Ich bin Bäcker"), ("place", "Ich wohne in Wien")],
        "hab zwei kinder und nen hund": [("person", "Hab zwei kinder und nen hund")],
        "Ich mag Katzen, Hunde und Meerschweinchen": [("interest", "Ich mag Katzen, Hunde und Meerschweinchen")],
        "Seit drei Jahren lerne ich Klavier": [("interest", "Seit drei Jahren lerne ich Klavier")],
    },
    "es": {
        "Tengo dos hijos y un perro, ¿y tú?": [("person", "Tengo dos hijos y un perro")],
        "Soy de Granada pero vivo en Madrid": [("place", "Soy de Granada"), ("place", "Vivo en Madrid")],
        "Mi hermana vive en Sevilla": [("person", "Mi hermana vive en Sevilla")],
        "Los domingos salgo a correr": [("interest", "Los domingos salgo a correr")],
    },
    "fr": {
        "Je bosse dans une crèche depuis septembre": [("role", "Je bosse dans une crèche depuis septembre")],
        "J'ai deux enfants et un chat": [("person", "J'ai deux enfants et un chat")],
        "Je n'aime pas le café": [("preference", "Je n'aime pas le café")],
        "Mon plat préféré c'est la raclette": [("preference", "Mon plat préféré c'est la raclette")],
    },
    "it": {
        "Sono di Napoli ma abito a Milano": [("place", "Sono di Napoli"), ("place", "Abito a Milano")],
        "Suono la chitarra da quando ero piccolo": [("interest", "Suono la chitarra da quando ero piccolo")],
        "Ho due gatte, Mina e Zoe": [("person", "Ho due gatte, Mina e Zoe")],
    },
    "pt": {
        "Trabalho numa padaria há cinco anos": [("role", "Trabalho numa padaria há cinco anos")],
        "A gente tem um gato": [("person", "A gente tem um gato")],
        "Quero aprender japonês": [("interest", "Quero aprender japonês")],
    },
    "nl": {
        "Ik kom uit Groningen maar woon in Amsterdam": [("place", "Ik kom uit Groningen"), ("place", "Ik woon in Amsterdam")],
        "Wij hebben een volkstuin": [("person", "Wij hebben een volkstuin")],
    },
    "pl": {
        "Pracuję w piekarni od pięciu lat": [("role", "Pracuję w piekarni od pięciu lat")],
        "Mam dwa koty i żółwia": [("person", "Mam dwa koty i żółwia")],
        "mój mąż jest strażakiem": [("person", "Mój mąż jest strażakiem")],
    },
    "ru": {
        "Я из Самары, но живу в Москве": [("place", "Я из Самары"), ("place", "Живу в Москве")],
        "У меня двое детей и собака": [("person", "У меня двое детей и собака")],
        "Не люблю футбол": [("preference", "Не люблю футбол")],
    },
    "zh": {
        "我在一家医院当护士，每天都很忙": [("role", "我在一家医院当护士")],
        "我是成都人，你呢？": [("place", "我是成都人")],
    },
    "ko": {
        "저는 부산에 살아요": [("place", "저는 부산에 살아요")],
        "나는 등산을 좋아해": [("interest", "나는 등산을 좋아해")],
    },
    "ja": {
        "夫は毎週ゴルフに行っています。": [("person", "夫は毎週ゴルフに行っています")],
        "私は夏が好きですね。": [("interest", "夏が好きですね")],
        "一人カラオケによく行きます！": [("interest", "一人カラオケによく行きます")],
    },
}  # fmt: skip
NOT_SAID = {
    "de": (
        "Kannst du mir die Rechnung schicken?", "Ich hab heute keine Zeit", "Ich bin im Keller", "Ich mag das", "Ich liebe dich",
        "Wenn ich reich wäre, hätte ich ein Boot", "Mein Bruder sagt, ich bin faul", "Meine Mutter hat gestern angerufen",
        "Ich würde gern in Spanien leben", "Vielleicht ziehe ich nach Köln", "Soll ich meinen Hund mitbringen?",
        "Du hast doch zwei Katzen", "Ich arbeite heute bis 18 Uhr", "„Ich bin Bäcker“, stand da", "Luna hasst Autofahrten",
    ),
    "es": ("¿Tienes hermanos?", "Tengo que irme", "Tengo una pregunta", "Mi trabajo es aburrido", "Te quiero mucho", "Me encanta la idea", "Si tuviera dinero, viviría en la playa", "Mi madre dice que soy un vago", "Mañana trabajo hasta las 8"),
    "fr": ("J'ai faim", "J'ai mangé avec mes enfants", "Je t'aime", "Je suis en retard", "J'aime bien ton idée", "On a un problème", "Demain je travaille"),
    "it": ("Ho fame", "Ho mangiato con mia sorella", "il mio lavoro è noioso", "Mi piace molto la tua foto", "Forse mi trasferisco a Genova"),
    "pt": ("Tenho que ir", "Gosto muito da sua foto", "o jogo é hoje", "Minha chefe tem um sítio", "Talvez eu mude pra Curitiba"),
    "nl": ("Ik heb een vraag", "Ik hou van jou", "Ik lees het straks", "Mijn buurman heeft een boot", "Als ik geld had, woonde ik aan zee"),
    "pl": ("Mam pytanie", "Kocham cię", "Jestem w drodze", "Brat mówi, że jestem leniwy", "Może przeprowadzę się do Wrocławia"),
    "ru": ("У меня вопрос", "Люблю тебя", "Брат говорит, что я ленивый", "Завтра работаю до восьми", "Занимаюсь сейчас отчётом"),
    "zh": ("我今天要加班", "我觉得你说得对", "如果我有钱，我就去旅行", "她说我很懒", "你喜欢猫吗？"),
    "ko": ("강아지 키우세요?", "저는 질문이 있어요", "저는 오늘 바빠요", "엄마가 저는 게으르대요"),
    "ja": ("デザインがかわいくて好きです！", "今から仕事をしています", "友達が猫を飼っています", "好きになるなら大丈夫だと思いますよ"),
}  # fmt: skip


class ReaderTest(unittest.TestCase):
    def test_what_people_say_of_themselves_is_told_in_their_own_words(self) -> None:
        for language, said in SAID.items():
            found = {line: facts(line, language=language) for line in said}
            self.assertEqual(found, said, language)

    def test_what_asks_supposes_reports_addresses_or_passes_is_no_fact(self) -> None:
        for language, lines in NOT_SAID.items():
            for line in lines:
                self.assertEqual(facts(line, language=language), [], (language, line))

    def test_facts_are_credited_to_who_said_them_with_their_line(self) -> None:
        found = profiles(talk("Ich wohne in Köln.", "Ich habe zwei Hunde.", "Schön!", language="de"))
        self.assertEqual(
            [(one.participant, [(fact.text, fact.evidence) for fact in one.facts]) for one in found],
            [("Ann", [("Ich wohne in Köln", (0,))]), ("Ben", [("Ich habe zwei Hunde", (1,))])],
        )

    def test_a_short_talk_whose_language_is_a_guess_is_read_as_english_where_nothing_else_is_found(self) -> None:
        (profile, _) = profiles(talk("im from New England so the Patriots", "Ok."))
        self.assertEqual([fact.text for fact in profile.facts], ["I am from New England"])

    def test_a_hostile_line_costs_no_more_than_a_long_one(self) -> None:
        started = time.process_time()
        for language in LANGUAGES:
            for line in ("a " * 3_000, "ja, " * 1_500, "j'" * 3_000, "我有, " * 1_500):
                self.assertEqual(list(other_facts(line, language))[1:], [], language)
        self.assertLess(time.process_time() - started, 10)

    def test_every_language_that_is_promised_has_a_table_or_a_reader_and_a_test(self) -> None:
        self.assertEqual(set(SAID), LANGUAGES)
        self.assertEqual(set(NOT_SAID), LANGUAGES)
        for language in SPACED:
            self.assertIsNotNone(grammar_of(language).subject)


class SensitiveTest(unittest.TestCase):
    def test_sensitive_traits_are_held_back_in_every_language(self) -> None:
        for text in (
            "Ich bin katholisch", "Ich bin seit 2019 schwanger", "Mein Sohn ist 5", "Soy diabética", "Tengo 34 años", "Je suis musulmane",
            "Ma fille a 5 ans", "Sono incinta", "Ho 30 anni", "Sou evangélica", "Ik ben gay", "Ik ben 34", "Mam 34 lata", "Choruję na raka",
            "Я православная", "Мне 34 года", "Я болею", "我是基督徒", "저는 우울증이 있어요",
        ):  # fmt: skip
            self.assertTrue(is_sensitive(text), text)

    def test_work_in_care_and_lasting_times_are_not_sensitive(self) -> None:
        for text in (
            "Ich arbeite ab Juni in der Kinderklinik", "Ich bin Krankenschwester", "Trabajo desde hace 5 años", "Soy enfermera",
            "J'habite ici depuis 5 ans", "Ik werk in een ziekenhuis", "I wrote messages", "I have 3 cats",
        ):  # fmt: skip
            self.assertFalse(is_sensitive(text), text)


if __name__ == "__main__":
    unittest.main()
