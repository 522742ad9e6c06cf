from datetime import UTC, datetime

from conversation_genome.errors import InputError
from conversation_genome.sources.registry import detect, read_source
from tests_ap.unit.sources.writing import SourceTestCase, said

ROOT = {
    "id": "10",
    "conversation_id": "10",
    "author_id": "1",
    "created_at": "2025-05-19T06:00:00.000Z",
    "text": "Hills &amp; buses",
}
ANSWER = {
    "id": "11", "conversation_id": "10", "author_id": "2", "created_at": "2025-05-19T06:01:00.000Z",
    "text": "@nine @ten I drive https://t.co/abc", "referenced_tweets": [{"type": "replied_to", "id": "10"}],
}  # fmt: skip
USERS = {"users": [{"id": "1", "name": "Line Nine", "username": "nine"}, {"id": "2", "name": "Denny", "username": "d"}]}


class TwitterTests(SourceTestCase):
    def test_a_thread_of_api_v2_is_read_in_the_order_of_time(self) -> None:
        conversation = self.only(self.json_file("t.json", {"data": [ANSWER, ROOT], "includes": USERS}))
        self.assertEqual(said(conversation), [("Line Nine", "Hills & buses"), ("Denny", "I drive")])
        self.assertEqual(conversation.started_at, datetime(2025, 5, 19, 6, tzinfo=UTC))
        self.assertEqual(conversation.lines[1].at, 60.0)

    def test_tweets_of_api_v1_are_grouped_by_the_chain_of_answers(self) -> None:
        stamp = "Mon May 19 06:0{}:00 +0000 2025"
        rows = [
            {"id_str": str(n), "full_text": f"t{n}", "created_at": stamp.format(n), "user": {"name": f"u{n % 2}"},
             "in_reply_to_status_id_str": parent}
            for n, parent in [(1, None), (2, "1"), (3, None), (4, "3"), (5, "2")]
        ]  # fmt: skip
        conversations = list(read_source(self.json_file("t.json", rows)))
        self.assertEqual([[text for _, text in said(c)] for c in conversations], [["t1", "t2", "t5"], ["t3", "t4"]])
        self.assertEqual(len({c.id for c in conversations}), 2)

    def test_an_archive_with_its_assignment_is_read_and_retweets_fall_out(self) -> None:
        text = 'window.YTD.tweets.part0 = [{"tweet": {"id_str": "1", "full_text": "one", "created_at": "x"}},'
        text += '{"tweet": {"id_str": "2", "full_text": "two", "in_reply_to_status_id_str": "1"}},'
        text += '{"tweet": {"id_str": "3", "full_text": "RT @a: no", "in_reply_to_status_id_str": "1"}}]'
        path = self.file("tweets.js", text)
        self.assertEqual(said(self.only(path)), [("account owner", "one"), ("account owner", "two")])

    def test_tweets_that_answer_each_other_in_a_circle_are_one_thread(self) -> None:
        rows = [
            {"id_str": "1", "full_text": "a", "in_reply_to_status_id_str": "2"},
            {"id_str": "2", "full_text": "b", "in_reply_to_status_id_str": "1"},
        ]
        self.assertEqual(len(self.only(self.json_file("t.json", rows)).lines), 2)

    def test_rows_of_other_kinds_with_conversation_ids_are_no_tweets(self) -> None:
        rows = [
            {"conversation_id": 1, "speaker": "Ana", "text": "hi"},
            {"conversation_id": 1, "speaker": "Bo", "text": "ho"},
        ]
        path = self.json_file("rows.json", rows)
        self.assertEqual(detect(path), "chat")
        self.assertEqual(said(self.only(path)), [("Ana", "hi"), ("Bo", "ho")])

    def test_lonely_tweets_are_no_conversation(self) -> None:
        with self.assertRaisesRegex(InputError, "no thread of two or more"):
            list(read_source(self.json_file("t.json", {"data": [ROOT], "includes": USERS})))

    def test_threads_are_told_from_other_json(self) -> None:
        self.assertEqual(detect(self.json_file("t.json", {"data": [ROOT]})), "twitter")
