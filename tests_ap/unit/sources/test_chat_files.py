from typing import Any
from unittest import mock

from conversation_genome.errors import InputError, RecordError
from conversation_genome.sources import turns
from conversation_genome.sources.registry import detect, read_source
from tests_ap.unit.sources.writing import SourceTestCase, said


class ChatTextTests(SourceTestCase):
    def test_a_name_and_a_colon_begin_a_line_and_other_lines_go_on(self) -> None:
        conversation = self.only(
            self.file("c.txt", "\ufeffMaud: I went in.\r\nAlone.\r\n\r\nCallum: Why: tell me?\r\n")
        )
        self.assertEqual(said(conversation), [("Maud", "I went in. Alone."), ("Callum", "Why: tell me?")])

    def test_irc_logs_lose_their_notices(self) -> None:
        text = "[21:14] <ana> hi\n[21:14] === bo joined\n[21:15] <@bo> ho\n"
        self.assertEqual(said(self.only(self.file("c.log", text))), [("ana", "hi"), ("bo", "ho")])

    def test_prose_is_no_chat(self) -> None:
        with self.assertRaisesRegex(InputError, "no format that is known here; name it with --format chat|discord"):
            detect(self.file("essay.txt", "It was a dark night.\nThe wind howled.\n"))

    def test_ids_come_from_name_and_content_and_are_equal_on_every_import(self) -> None:
        first = self.only(self.file("My Chat!.txt", "A: one\nB: two\n"))
        again = self.only(self.file("My Chat!.txt", "A: one\nB: two\n"))
        other = self.only(self.file("My Chat!.txt", "A: one\nB: three\n"))
        self.assertRegex(first.id, r"^my-chat-[0-9a-f]{12}$")
        self.assertEqual(first.id, again.id)
        self.assertNotEqual(first.id, other.id)

    def test_fifty_thousand_lines_are_one_conversation(self) -> None:
        text = "".join(f"{'AB'[n % 2]}: line {n}\n" for n in range(50_000))
        self.assertEqual(len(self.only(self.file("long.txt", text)).lines), 50_000)

    def test_more_lines_than_a_part_has_are_several_conversations_and_nothing_is_lost(self) -> None:
        path = self.file("long.txt", "".join(f"{'AB'[n % 2]}: line {n}\n" for n in range(250)))
        with mock.patch.object(turns, "PART_LINES", 100):
            parts = list(read_source(path))
        self.assertEqual([len(part.lines) for part in parts], [100, 100, 50])
        self.assertEqual([part.labels["part"] for part in parts], [1, 2, 3])
        self.assertEqual([text for part in parts for _, text in said(part)], [f"line {n}" for n in range(250)])
        self.assertEqual(len({part.id for part in parts}), 3)

    def test_a_part_ends_at_the_longest_silence_near_its_end(self) -> None:
        rows = [
            {"speaker": "AB"[n % 2], "text": f"line {n}", "time": 1_700_000_000 + n + 9_000 * (n >= 83)}
            for n in range(150)
        ]
        with mock.patch.object(turns, "PART_LINES", 100):
            first, second = read_source(self.json_file("long.json", rows))
        self.assertEqual((len(first.lines), len(second.lines)), (83, 67))
        self.assertEqual((first.started_at, first.lines[-1].at), (second.started_at, 82.0))
        self.assertEqual(second.lines[0].at, 9_083.0)


class ChatRowTests(SourceTestCase):
    def test_a_list_of_rows_is_one_conversation(self) -> None:
        rows = [
            {"from": "Ana", "message": "hi", "time": 1_700_000_000},
            {"from": "Bo", "message": "ho", "time": 1_700_000_060},
        ]
        conversation = self.only(self.json_file("c.json", rows))
        self.assertEqual(said(conversation), [("Ana", "hi"), ("Bo", "ho")])
        self.assertEqual(conversation.lines[1].at, 60.0)

    def test_objects_with_a_transcript_are_one_conversation_each(self) -> None:
        shape = [
            {"c_guid": f"g{n}", "transcript": [{"speaker": "A", "text": f"t{n}"}], "participants": ["A"]}
            for n in (1, 2)
        ]
        conversations = list(read_source(self.json_file("c.json", shape)))
        self.assertEqual([c.lines[0].text for c in conversations], ["t1", "t2"])
        self.assertTrue(conversations[0].id.startswith("c-g1-"))

    def test_telegrams_export_loses_its_notices_and_keeps_links_in_the_text(self) -> None:
        messages = [
            {"id": 1, "type": "service", "actor": "Ana", "action": "create_group", "text": ""},
            {
                "id": 2,
                "type": "message",
                "date": "2025-01-01T10:00:00",
                "from": "Ana",
                "text": ["see ", {"type": "link", "text": "x.example"}, "!"],
            },
            {"id": 3, "type": "message", "date": "2025-01-01T10:01:00", "from": "Bo", "text": "ok"},
        ]
        path = self.json_file("result.json", {"name": "G", "type": "private_group", "id": 5, "messages": messages})
        conversation = self.only(path)
        self.assertEqual(said(conversation), [("Ana", "see x.example!"), ("Bo", "ok")])
        self.assertEqual(conversation.lines[1].at, 60.0)

    def test_jsonl_of_messages_is_one_conversation_and_a_bad_line_is_named(self) -> None:
        path = self.file("c.jsonl", '{"role":"user","content":"hi"}\n{oops\n{"role":"assistant","content":"ho"}\n')
        with self.assertRaisesRegex(RecordError, r"c\.jsonl:2: not JSON"):
            list(read_source(path))
        faults: list[InputError] = []
        self.assertEqual(said(next(read_source(path, on_fault=faults.append))), [("user", "hi"), ("assistant", "ho")])

    def test_of_chatgpts_trees_the_branch_that_was_kept_is_read(self) -> None:
        def node(role: str, parts: list[Any], parent: str | None) -> dict[str, Any]:
            content = {"content_type": "text", "parts": parts}
            return {"message": {"author": {"role": role}, "create_time": 1.7e9, "content": content}, "parent": parent}

        tree = {
            "root": {"message": None, "parent": None},
            "s": node("system", [""], "root"),
            "u": node("user", ["Plan a trip"], "s"),
            "old": node("assistant", ["Old"], "u"),
            "new": node("assistant", ["New"], "u"),
            "t": node("tool", ["{}"], "new"),
            "u2": node("user", [{"content_type": "image_asset_pointer"}, "thanks"], "t"),
        }
        chats = [{"title": "T", "mapping": tree, "current_node": "u2", "id": "c1", "conversation_id": "c1"}]
        circle = {"a": {"parent": "b", "message": None}, "b": {"parent": "a", "message": None}}
        chats += [{"mapping": circle, "current_node": "a"}]
        path = self.json_file("conversations.json", chats)
        faults: list[InputError] = []
        (conversation,) = read_source(path, on_fault=faults.append)
        self.assertEqual(said(conversation), [("user", "Plan a trip"), ("assistant", "New"), ("user", "thanks")])
        self.assertRegex(str(faults), r"conversations\.json:1 \[1\]: nobody says a word")

    def test_claudes_chats_and_openais_tool_calls_are_read(self) -> None:
        said_by = [
            {"sender": "human", "text": "hi"},
            {"sender": "assistant", "text": "", "content": [{"type": "text", "text": "ho"}]},
        ]
        self.assertEqual(
            said(self.only(self.json_file("c.json", [{"uuid": "u", "name": "T", "chat_messages": said_by}]))),
            [("human", "hi"), ("assistant", "ho")],
        )
        called = [
            {"role": "user", "content": "hi"},
            {"role": "assistant", "content": None, "tool_calls": [{}]},
            {"role": "tool", "tool_call_id": "1", "content": "{}"},
            {"role": "assistant", "content": "ho"},
        ]
        self.assertEqual(
            said(self.only(self.json_file("o.json", {"messages": called}))), [("user", "hi"), ("assistant", "ho")]
        )

    def test_what_stands_above_a_transcript_is_not_said(self) -> None:
        text = "Title: My show\nDate: 2023-12-31\n\nANA: Hello.\nDate: that is a fruit\nBO: Yes.\n"
        self.assertEqual(said(self.only(self.file("t.txt", text)))[0], ("ANA", "Hello."))

    def test_a_host_who_opens_the_talk_is_heard_and_one_who_is_named_above_it_is_not(self) -> None:
        for opening in ("Welcome back to Grid Notes.", "Hello", "What is it, Ana?", "Hi everyone"):
            with self.subTest(opening):
                talk = self.only(self.file("t.txt", f"Title: Grid Notes\nHOST: {opening}\nANA: Thanks.\nHOST: Well.\n"))
                self.assertEqual(said(talk)[0], ("HOST", opening))
        named = "Host: Maria Lindqvist\nGuest: Dr Ana Ruiz and José Ángel Pérez\n\nANA: Hello.\nHOST: Hi.\n"
        self.assertEqual(said(self.only(self.file("t.txt", named)))[0], ("ANA", "Hello."))

    def test_a_quote_that_does_not_end_costs_its_own_row_alone(self) -> None:
        faults: list[InputError] = []
        path = self.file("t.csv", 'speaker,text\nA,"never closed\nB,hi\nC,"two\nlines"\nD,x "y" z\n')
        (conversation,) = read_source(path, on_fault=faults.append)
        self.assertEqual(said(conversation), [("B", "hi"), ("C", "two lines"), ("D", 'x "y" z')])
        self.assertRegex(str(faults), r"t\.csv:2: not a row")

    def test_cells_too_many_are_put_together_where_they_are_text_and_named_where_they_are_not(self) -> None:
        self.assertEqual(said(self.only(self.file("t.csv", "speaker;text\nB;fine; really\n"))), [("B", "fine; really")])
        faults: list[InputError] = []
        path = self.file("u.csv", "speaker,text,date\nA,hi, you,2024-01-01\nB,ho,2024-01-01,\n")
        (conversation,) = read_source(path, on_fault=faults.append)
        self.assertEqual(said(conversation), [("B", "ho")])
        self.assertRegex(str(faults), r"u\.csv:2: the row has 4 cells under 3 headings")

    def test_a_conversation_without_words_is_named_by_its_line(self) -> None:
        faults: list[InputError] = []
        path = self.file("t.jsonl", '{"messages": [{"role": "user", "content": "hi"}]}\n{"messages": []}\n')
        self.assertEqual(len(list(read_source(path, on_fault=faults.append))), 1)
        self.assertRegex(str(faults), r"t\.jsonl:2: nobody says a word")

    def test_a_table_is_read_by_its_header_and_split_by_conversation(self) -> None:
        text = 'conversation_id;speaker;text\n1;Ana;"hi; there"\n1;Bo;ho\n2;Ana;"two\nlines"\n'
        conversations = list(read_source(self.file("c.csv", text)))
        self.assertEqual(
            [said(c) for c in conversations], [[("Ana", "hi; there"), ("Bo", "ho")], [("Ana", "two lines")]]
        )

    def test_a_table_without_speakers_is_refused_with_its_columns(self) -> None:
        with self.assertRaisesRegex(RecordError, r"c\.csv:1: the columns are \['a', 'b'\]; name one 'speaker'"):
            list(read_source(self.file("c.csv", "a,b\n1,2\n"), "chat"))

    def test_a_row_without_text_is_named_by_its_line(self) -> None:
        with self.assertRaisesRegex(RecordError, r"c\.csv:3: no speaker or no text"):
            list(read_source(self.file("c.csv", "speaker,text\nAna,hi\nBo\n")))


class UniformRecordTests(SourceTestCase):
    def test_good_records_go_in_around_a_bad_one(self) -> None:
        good = '{"id":"%s","source":"s","participants":["A"],"lines":[[0,"hi"]]}\n'
        path = self.file("r.jsonl", good % "a" + '{"id":"b","participants":["A"],"lines":[[3,"x"]]}\n' + good % "c")
        faults: list[InputError] = []
        self.assertEqual([c.id for c in read_source(path, on_fault=faults.append)], ["a", "c"])
        self.assertRegex(str(faults[0]), r"r\.jsonl:2: .*speaker 3")
