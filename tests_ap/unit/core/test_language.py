"""Language: what a source states counts, else the talk's own words; None rather than a guess."""

import unittest

from conversation_genome.language import base_language, detected_language, language_of

CHATS = {
    "en": ["hey", "you coming tonight?", "yeah, just finishing work first", "ok, bring some beer"],
    "de": ["na du", "kommst du heute abend?", "ja, muss nur noch kurz was fertig machen", "gut, bring bier mit"],
    "fr": ["salut", "tu viens ce soir ?", "oui, je termine juste un truc au boulot", "d'accord, apporte des bières"],
    "es": ["oye", "¿vienes esta noche?", "sí, termino una cosa del trabajo y voy", "vale, trae unas cervezas"],
    "it": ["ciao", "vieni stasera?", "sì, finisco solo una cosa al lavoro", "va bene, porta della birra"],
    "pt": ["oi", "você vem hoje à noite?", "sim, só vou terminar uma coisa do trabalho", "beleza, traz cerveja"],
    "nl": ["hoi", "kom je vanavond?", "ja, ik moet nog even iets afmaken", "goed, neem bier mee"],
    "pl": ["cześć", "przyjdziesz dziś wieczorem?", "tak, tylko skończę coś w pracy", "dobra, przynieś piwo"],
    "ru": ["привет", "придёшь сегодня вечером?", "да, только закончу кое-что по работе", "хорошо, возьми пива"],
    "tr": ["selam", "bu akşam geliyor musun?", "evet, işte bir şeyi bitireyim", "tamam, bira getir"],
    "ja": ["やあ", "今夜来る", "うん、仕事を片付けてから行くよ", "ビール持ってきて"],
    "zh": ["嗨", "今晚来吗", "来,我先把手头的工作做完", "好的,带点啤酒"],
    "ko": ["안녕", "오늘 밤에 와?", "응, 일 좀 끝내고 갈게", "맥주 좀 사 와"],
    "ar": ["مرحبا", "هل ستأتي الليلة؟", "نعم، سأنهي بعض العمل أولا", "حسنا، أحضر معك المشروبات"],
    "th": ["หวัดดี", "คืนนี้มาไหม", "มา ขอทำงานให้เสร็จก่อน", "โอเค เอาเบียร์มาด้วยนะ"],
}  # fmt: skip


class LanguageTest(unittest.TestCase):
    def test_short_chat_in_each_language_is_told(self) -> None:
        self.assertEqual(
            {code: detected_language(lines) for code, lines in CHATS.items()}, {code: code for code in CHATS}
        )

    def test_links_names_and_marks_do_not_vote(self) -> None:
        noise = [
            "https://www.example.com/the/latest/news/of/the/world",
            "@some_english_name",
            "[music]",
            "{disfmarker}",
        ]
        self.assertEqual(detected_language(noise * 5 + CHATS["de"]), "de")

    def test_a_greeting_in_another_language_does_not_decide(self) -> None:
        self.assertEqual(detected_language(["Bonjour mes amis!", *CHATS["en"] * 3]), "en")

    def test_too_little_said_is_no_language(self) -> None:
        for lines in ([], [""], ["ok"], ["12:30", "+++"], ["\N{GRINNING FACE}"] * 9, ["lol", "hm"]):
            self.assertIsNone(detected_language(lines), lines)

    def test_talk_that_is_half_one_language_and_half_others_is_undetermined(self) -> None:
        self.assertIsNone(detected_language([line * 6 for code in ("de", "ru", "ko", "es") for line in CHATS[code]]))

    def test_what_is_stated_counts_more_than_the_words(self) -> None:
        self.assertEqual(language_of(CHATS["de"], "fr-CA"), "fr")
        self.assertEqual(language_of(CHATS["de"], "unknown"), "de")

    def test_a_tag_is_read_without_region_and_script(self) -> None:
        stated = ["en-US", "zh_Hant_TW", " PT-br ", "jpn", "und", "english", "", None]
        self.assertEqual([base_language(tag) for tag in stated], ["en", "zh", "pt", "ja", None, None, None, None])
