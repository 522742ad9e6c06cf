from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from conversation_genome.errors import InputError
from conversation_genome.sources.registry import detect, read_source
from tests_ap.unit.sources.writing import SourceTestCase, said


class ParquetTests(SourceTestCase):
    def table(self, *rows: dict[str, Any], **columns: Any) -> Path:
        path = self.folder / "train.parquet"
        pq.write_table(pa.Table.from_pylist(list(rows)) if rows else pa.table(columns), path, row_group_size=2)
        return path

    def read(self, *rows: dict[str, Any]) -> list[list[tuple[str, str]]]:
        return [said(conversation) for conversation in read_source(self.table(*rows))]

    def test_the_originals_data_set_is_read_as_it_is(self) -> None:
        rows = [
            {
                "c_guid": f"guid-{n}",
                "transcript": [{"speaker": "Ana", "text": f"hi {n}"}, {"speaker": "Bo", "text": "ho 🎻"}],
                "participants": ["Ana", "Bo"],
            }
            for n in range(5)
        ]
        conversations = list(read_source(self.table(*rows)))
        self.assertEqual(
            [said(one) for one in conversations], [[("Ana", f"hi {n}"), ("Bo", "ho 🎻")] for n in range(5)]
        )
        self.assertRegex(conversations[3].id, r"^train-guid-3-[0-9a-f]{12}$")

    def test_speakers_may_be_numbers_of_participants(self) -> None:
        row = {"c_guid": "g", "transcript": [{"speaker": 1, "text": "hi"}], "participants": ["Ana", "Bo"]}
        self.assertEqual(self.read(row), [[("Bo", "hi")]])

    def test_messages_with_roles_and_conversations_with_from_and_value(self) -> None:
        row = {"messages": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "ho"}]}
        self.assertEqual(self.read(row), [[("user", "hi"), ("assistant", "ho")]])
        row = {"id": "x", "conversations": [{"from": "human", "value": "hi"}, {"from": "gpt", "value": "ho"}]}
        self.assertEqual(self.read(row), [[("human", "hi"), ("gpt", "ho")]])

    def test_a_dialog_of_strings_is_of_two_who_take_turns(self) -> None:
        row = {"dialog": ["hi", "ho", "hey"], "act": [1, 2, 3]}
        self.assertEqual(self.read(row), [[("Speaker 1", "hi"), ("Speaker 2", "ho"), ("Speaker 1", "hey")]])

    def test_a_dialogue_in_one_text_is_split_at_its_names(self) -> None:
        row = {"id": "13818513", "dialogue": "Amanda: I baked.\r\nJerry: Sure!", "summary": "Cookies."}
        self.assertEqual(self.read(row), [[("Amanda", "I baked."), ("Jerry", "Sure!")]])

    def test_messages_in_a_text_of_json(self) -> None:
        row = {"messages": '[{"role": "user", "content": "hi"}]'}
        self.assertEqual(self.read(row), [[("user", "hi")]])

    def test_an_instruction_and_its_response(self) -> None:
        row = {"instruction": "Add.", "input": "1 2", "output": "3"}
        self.assertEqual(self.read(row), [[("user", "Add. 1 2"), ("assistant", "3")]])

    def test_one_message_a_row_is_put_together_by_conversation(self) -> None:
        rows = [{"conversation_id": n % 2, "speaker": "AB"[n % 2], "text": f"line {n}"} for n in range(6)]
        self.assertEqual(
            self.read(*rows), [[("A", f"line {n}") for n in (0, 2, 4)], [("B", f"line {n}") for n in (1, 3, 5)]]
        )

    def test_a_row_without_words_is_named_and_the_others_go_in(self) -> None:
        faults: list[InputError] = []
        rows = [{"messages": [{"role": "user", "content": text}]} for text in ("hi", "", "ho")]
        read = [said(one) for one in read_source(self.table(*rows), on_fault=faults.append)]
        self.assertEqual(read, [[("user", "hi")], [("user", "ho")]])
        self.assertRegex(str(faults[0]), r"train\.parquet:2: nobody says a word")

    def test_a_table_of_numbers_and_a_torn_one_are_refused(self) -> None:
        with self.assertRaisesRegex(InputError, "no column that is known here .price."):
            list(read_source(self.table(price=[1.0])))
        path = self.table(dialog=[["hi", "ho"]])
        path.write_bytes(path.read_bytes()[:-20])
        self.assertEqual(detect(path), "parquet")
        with self.assertRaisesRegex(InputError, "is no Parquet that can be read"):
            list(read_source(path))

    def test_fifty_thousand_rows_of_one_talk_are_one_conversation(self) -> None:
        numbers = range(50_000)
        path = self.table(speaker=["AB"[n % 2] for n in numbers], text=[f"line {n}" for n in numbers])
        self.assertEqual(len(self.only(path).lines), 50_000)
