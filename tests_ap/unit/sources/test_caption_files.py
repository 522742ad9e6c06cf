from conversation_genome.errors import InputError, RecordError
from conversation_genome.sources.registry import detect, read_source
from tests_ap.unit.sources.writing import SourceTestCase, said

ROLLING = """WEBVTT
Kind: captions
Language: en

00:00:00.000 --> 00:00:02.000 align:start position:0%
~
the<00:00:00.400><c> cat</c><00:00:00.900><c> sat</c>

00:00:02.000 --> 00:00:02.010 align:start position:0%
the cat sat
~

00:00:02.010 --> 00:00:04.000 align:start position:0%
the cat sat
on<00:00:02.400><c> the</c><00:00:02.900><c> mat</c>

00:00:04.000 --> 00:00:04.010 align:start position:0%
on the mat
~

00:00:04.010 --> 00:00:06.000 align:start position:0%
on the mat
&gt;&gt;<00:00:04.400><c> no</c><00:00:04.900><c> way</c>

00:00:06.000 --> 00:00:06.010 align:start position:0%
&gt;&gt; no way
~
""".replace("~", " ")  # as the real ones have it: a blank holds the empty line's place


class RollingCaptionTests(SourceTestCase):
    def test_words_that_roll_over_three_captions_are_said_once(self) -> None:
        conversation = self.only(self.file("auto.vtt", ROLLING))
        self.assertEqual(said(conversation), [("Speaker 1", "the cat sat on the mat"), ("Speaker 2", "no way")])

    def test_who_spoke_is_marked_as_inferred_where_captions_only_mark_a_change(self) -> None:
        self.assertEqual(self.only(self.file("auto.vtt", ROLLING)).labels, {"speakers_inferred": True})

    def test_a_rolling_srt_without_word_tags_is_unrolled_too(self) -> None:
        rolling = "\n".join(
            f"{n}\n00:00:0{n},000 --> 00:00:0{n},900\n{text}\n"
            for n, text in enumerate(
                ["one two", "one two\nthree four", "three four", "three four\nfive six", "five six"], 1
            )
        )
        self.assertEqual(
            said(self.only(self.file("auto.srt", rolling))), [("Speaker 1", "one two three four five six")]
        )

    def test_a_line_that_grows_word_by_word_is_said_once(self) -> None:
        texts = ["we", "we are", "we are", "we are going", "we are going"]
        events = [{"tStartMs": 500 * n, "dDurationMs": 500, "segs": [{"utf8": t}]} for n, t in enumerate(texts)]
        path = self.json_file("live.json", {"wireMagic": "pb3", "events": events})
        self.assertEqual(said(self.only(path)), [("Speaker 1", "we are going")])

    def test_what_people_really_repeat_is_kept_in_captions_made_by_hand(self) -> None:
        cues = ["Never.", "Never.", "I said so.", "You did.", "I know.", "Fine.", "Good."]
        srt = "\n".join(
            f"{n}\n00:00:{n * 5:02d},000 --> 00:00:{n * 5 + 1:02d},000\n{c}\n" for n, c in enumerate(cues, 1)
        )
        self.assertEqual([text for _, text in said(self.only(self.file("hand.srt", srt)))], cues)


class CaptionTests(SourceTestCase):
    def test_tags_positions_sounds_and_entities_do_not_reach_the_text(self) -> None:
        vtt = "WEBVTT\n\nSTYLE\n::cue { color: red }\n\nNOTE not said\n\n00:01.000 --> 00:02.000 line:0\n"
        vtt += "<b>Fish</b> &amp; chips [Applause] <i>♪</i>{\\an8}\n"
        conversation = self.only(self.file("tags.vtt", vtt))
        self.assertEqual(said(conversation), [("Speaker 1", "Fish & chips")])
        self.assertEqual(conversation.lines[0].at, 1.0)

    def test_voice_tags_name_the_speakers(self) -> None:
        vtt = (
            "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ana Ruiz>Hello.</v>\n\n00:02.000 --> 00:03.000\n<v.loud Bo>Hi.</v>\n"
        )
        self.assertEqual(said(self.only(self.file("v.vtt", vtt))), [("Ana Ruiz", "Hello."), ("Bo", "Hi.")])

    def test_the_name_in_a_voice_tag_may_be_anything(self) -> None:
        text = "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Lopez, Ana (Contoso)>Hello\nthere.</v>\n\n00:02.000 --> 00:03.000\n<v 2nd Bo>Hi.</v>\n"
        conversation = self.only(self.file("t.vtt", text))
        self.assertEqual(said(conversation), [("Lopez, Ana (Contoso)", "Hello there."), ("2nd Bo", "Hi.")])
        self.assertEqual(conversation.labels, {})

    def test_a_name_that_is_there_once_is_one_where_every_caption_has_a_name(self) -> None:
        text = "WEBVTT\n\n1\n00:00:01.000 --> 00:00:02.000\nAna Lopez: Hello.\n\n2\n00:00:02.000 --> 00:00:04.000\nBo: Hi: there.\n"
        self.assertEqual(said(self.only(self.file("z.vtt", text))), [("Ana Lopez", "Hello."), ("Bo", "Hi: there.")])

    def test_capitals_before_a_colon_name_the_speaker_and_a_remark_does_not(self) -> None:
        srt = "1\r\n00:00:01,000 --> 00:00:02,000\r\nDR. OKONJO: Helmets on.\r\n\r\n"
        srt += "2\r\n00:00:02,100 --> 00:00:03,000\r\n>> MATEUS: One question: why?\r\n"
        expected = [("Dr. Okonjo", "Helmets on."), ("Mateus", "One question: why?")]
        self.assertEqual(said(self.only(self.file("names.srt", srt))), expected)

    def test_two_dashes_in_one_caption_are_two_speakers(self) -> None:
        srt = "1\n00:00:01,000 --> 00:00:03,000\n- Is it safe?\n- No.\n"
        self.assertEqual(said(self.only(self.file("d.srt", srt))), [("Speaker 1", "Is it safe?"), ("Speaker 2", "No.")])

    def test_captions_without_punctuation_end_at_a_pause(self) -> None:
        srt = "1\n00:00:01,000 --> 00:00:02,000\nso there we were\n\n2\n00:00:09,000 --> 00:00:10,000\nand then\n"
        self.assertEqual(
            [text for _, text in said(self.only(self.file("p.srt", srt)))], ["so there we were", "and then"]
        )

    def test_japanese_captions_are_joined_without_blanks(self) -> None:
        srt = "1\n00:00:01,000 --> 00:00:02,000\n今日は山に\n\n2\n00:00:02,000 --> 00:00:03,000\n登ります。\n"
        self.assertEqual([text for _, text in said(self.only(self.file("ja.srt", srt)))], ["今日は山に登ります。"])

    def test_a_broken_timing_is_named_by_its_line(self) -> None:
        path = self.file("bad.vtt", "WEBVTT\n\n00:01.000 --> oops\nHello\n")
        with self.assertRaisesRegex(RecordError, r"bad\.vtt:3: .*oops.* write it as"):
            list(read_source(path))

    def test_a_broken_timing_can_be_passed_over_and_the_rest_goes_in(self) -> None:
        path = self.file("bad.vtt", "WEBVTT\n\n00:01.000 --> oops\nHello\n\n00:02.000 --> 00:03.000\nBye.\n")
        faults: list[InputError] = []
        conversations = list(read_source(path, on_fault=faults.append))
        self.assertEqual([said(c) for c in conversations], [[("Speaker 1", "Bye.")]])
        self.assertEqual(len(faults), 1)

    def test_an_empty_line_under_the_timing_does_not_end_the_caption(self) -> None:
        rolling = ROLLING.replace("\n \n", "\n\n")
        expected = [("Speaker 1", "the cat sat on the mat"), ("Speaker 2", "no way")]
        self.assertEqual(said(self.only(self.file("stripped.vtt", rolling))), expected)

    def test_an_empty_caption_does_not_swallow_the_next_number(self) -> None:
        srt = "1\n00:00:01,000 --> 00:00:02,000\n\n2\n00:00:03,000 --> 00:00:04,000\n2024\n"
        self.assertEqual(said(self.only(self.file("e.srt", srt))), [("Speaker 1", "2024")])

    def test_a_transcript_copied_from_the_page_is_read(self) -> None:
        text = "Transcript\nSearch in video\n0:00\nso today we're building\n0:02\n2 seconds\n[Music]\na tiny house.\n1:02:45\nthat's a wrap\n"
        conversation = self.only(self.file("page.txt", text))
        self.assertEqual(
            [text for _, text in said(conversation)], ["so today we're building a tiny house.", "that's a wrap"]
        )
        self.assertEqual((conversation.source, conversation.lines[1].at), ("youtube", 3765.0))

    def test_a_file_of_sounds_only_says_that_nobody_speaks(self) -> None:
        path = self.file("music.vtt", "WEBVTT\n\n00:01.000 --> 00:02.000\n[Music]\n")
        with self.assertRaisesRegex(InputError, "music.vtt holds no words"):
            list(read_source(path))

    def test_captions_are_known_with_byte_order_mark_and_without_a_telling_name(self) -> None:
        self.assertEqual(
            detect(self.file("x.txt", b"\xef\xbb\xbfWEBVTT\r\n\r\n00:01.000 --> 00:02.000\r\nHi\r\n")), "youtube"
        )
        self.assertEqual(detect(self.file("y", "1\n00:00:01,000 --> 00:00:02,000\nHi\n")), "youtube")


class VoiceTests(SourceTestCase):
    def test_a_voice_that_only_laughs_says_nothing(self) -> None:
        text = "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ana>Hi.\n\n00:02.000 --> 00:03.000\n<v Bo>[laughter]\n\n00:03.000 --> 00:04.000\n<v Ana>Ho.\n"
        self.assertEqual(said(self.only(self.file("a.vtt", text))), [("Ana", "Hi."), ("Ana", "Ho.")])
