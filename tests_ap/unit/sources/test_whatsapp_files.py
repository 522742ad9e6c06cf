from datetime import UTC, datetime

from conversation_genome.errors import RecordError
from conversation_genome.sources.registry import detect, read_source
from tests_ap.unit.sources.writing import SourceTestCase, said


class WhatsAppTests(SourceTestCase):
    def test_the_iphone_layout_is_read_with_continuation_lines(self) -> None:
        text = "[12/03/2025, 21:14:05] Ana: one\r\ntwo\r\n[12/03/2025, 21:15:05] Bo: three: four\r\n"
        conversation = self.only(self.file("w.txt", text))
        self.assertEqual(
            (conversation.source, said(conversation)), ("whatsapp", [("Ana", "one two"), ("Bo", "three: four")])
        )
        self.assertEqual(conversation.started_at, datetime(2025, 3, 12, 21, 14, 5, tzinfo=UTC))
        self.assertEqual(conversation.lines[1].at, 60.0)

    def test_the_android_layout_with_halves_of_the_day_is_read(self) -> None:
        conversation = self.only(
            self.file("w.txt", "3/14/25, 9:14\u202fPM - Ana: hi\n3/14/25, 12:01\u202fAM - Bo: ho\n")
        )
        self.assertEqual(conversation.started_at, datetime(2025, 3, 14, 21, 14, tzinfo=UTC))

    def test_the_order_of_day_and_month_is_the_one_in_which_time_runs_forward(self) -> None:
        day_first = "05/04/25, 20:02 - Ana: hi\n06/04/25, 20:02 - Bo: ho\n"
        month_first = "04/05/25, 20:02 - Ana: hi\n04/06/25, 20:02 - Bo: ho\n"
        for text in (day_first, month_first):
            self.assertEqual(self.only(self.file("w.txt", text)).started_at, datetime(2025, 4, 5, 20, 2, tzinfo=UTC))

    def test_notices_media_and_deleted_messages_fall_out_and_edited_ones_stay(self) -> None:
        text = (
            "[12/03/2025, 21:14:05] Flat: \u200eMessages are end-to-end encrypted.\n"
            "[12/03/2025, 21:14:05] +43 12345: Messages and calls are end-to-end encrypted. No one else can read them.\n"
            "[12/03/2025, 21:14:06] Ana: <Media omitted>\n"
            "\u200e[12/03/2025, 21:14:07] Bo: \u200eimage omitted\n"
            "[12/03/2025, 21:14:08] Bo: This message was deleted\n"
            "[12/03/2025, 21:14:08] Ana added Cy\n"
            "[12/03/2025, 21:14:09] Ana: stays \u200e<This message was edited>\n"
        )
        self.assertEqual(said(self.only(self.file("w.txt", text))), [("Ana", "stays")])

    def test_the_name_of_an_attached_file_falls_out_and_its_caption_stays(self) -> None:
        text = "3/14/25, 21:14 - Ana: IMG-20250314-WA0001.jpg (file attached)\nour boat\n"
        text += "3/14/25, 21:15 - Bo: \u200e<attached: 0002-PHOTO.jpg>\n3/14/25, 21:16 - Bo: nice\n"
        self.assertEqual(said(self.only(self.file("w.txt", text))), [("Ana", "our boat"), ("Bo", "nice")])

    def test_text_that_runs_from_right_to_left_keeps_its_marks(self) -> None:
        conversation = self.only(self.file("w.txt", "[12/03/2025, 21:14:05] دانا: مرحبا \u2067abc\u2069 بك\n"))
        self.assertEqual(said(conversation), [("دانا", "مرحبا \u2067abc\u2069 بك")])

    def test_a_day_that_does_not_exist_is_named_by_its_line(self) -> None:
        text = "[12/03/2025, 21:14:05] Ana: hi\n[31/02/2025, 21:14:05] Bo: ho\n"
        with self.assertRaisesRegex(RecordError, r"w\.txt:2: '31/2/2025' is no date"):
            list(read_source(self.file("w.txt", text)))

    def test_a_chat_is_told_from_a_podcast(self) -> None:
        self.assertEqual(detect(self.file("w.txt", "[12/03/2025, 21:14:05] Ana: hi\n")), "whatsapp")

    def test_it_is_read_as_chat_too(self) -> None:
        conversation = self.only(self.file("w.txt", "[12/03/2025, 21:14:05] Ana: hi\n"), "chat")
        self.assertEqual(said(conversation), [("Ana", "hi")])

    def test_every_language_has_its_own_dates_clocks_and_words_for_media_and_deletion(self) -> None:
        said_at = datetime(2023, 12, 31, 23, 59, tzinfo=UTC)
        texts = {
            "Arabic": "\u200f31\u200f/12\u200f/2023، 11:59 م - Ana: hi\n"
            "\u200f1\u200f/1\u200f/2024، 12:01 ص - Ana: <تم استبعاد الوسائط>\n",
            "Chinese": "2023/12/31 下午11:59 - Ana: hi\n2024/1/1 上午12:01 - Ana: 此消息已删除\n",
            "French": "31/12/2023 à 23:59 - Ana: hi\n01/01/2024 à 00:01 - Ana: <Médias omis>\n",
            "Italian": "31/12/23, 23:59 - Ana: hi\n01/01/24, 00:01 - Ana: Questo messaggio è stato eliminato\n",
            "Japanese": "2023/12/31 23:59 - Ana: hi\n2024/01/01 0:01 - Ana: <メディアは含まれていません>\n",
            "Korean": "2023년 12월 31일 오후 11:59, Ana : hi\n2024년 1월 1일 오전 12:01, Ana : 삭제된 메시지입니다.\n",
            "Portuguese": "31/12/2023 23:59 - Ana: hi\n01/01/2024 00:01 - Ana: <Mídia oculta>\n",
            "Spanish": "31/12/23, 11:59 p.\u00a0m. - Ana: hi\n1/1/24, 12:01 a.\u00a0m. - Ana: Eliminaste este mensaje.\n",
        }
        for language, text in texts.items():
            with self.subTest(language):
                conversation = self.only(self.file("w.txt", text))
                self.assertEqual((said(conversation), conversation.started_at), ([("Ana", "hi")], said_at))

    def test_a_notice_that_quotes_a_colon_is_nobodys_words(self) -> None:
        text = '1/2/24, 12:01 - Bo changed the subject from "A: b" to "C: d"\n1/2/24, 12:02 - Bo: hi\n'
        self.assertEqual(said(self.only(self.file("w.txt", text))), [("Bo", "hi")])

    def test_the_mark_of_somebody_who_is_no_contact_is_not_in_the_name(self) -> None:
        self.assertEqual(
            said(self.only(self.file("w.txt", "[12/03/2025, 21:14:05] ~\u202fAna: hi\n"))), [("Ana", "hi")]
        )

    def test_what_stands_between_angles_alone_is_kept_where_it_is_code(self) -> None:
        text = "[12/03/2025, 21:14:05] Ana: <div>\n[12/03/2025, 21:14:06] Ana: <a href=x>\n"
        self.assertEqual(said(self.only(self.file("w.txt", text))), [("Ana", "<div>"), ("Ana", "<a href=x>")])
