"""Import: the good records go in, the bad ones are named, a talk goes in once."""

import asyncio
import json
import unittest
from collections.abc import AsyncIterator

from conversation_genome.protocol.messages import ImportFault
from conversation_genome.protocol.reads import ConversationState
from conversation_server.services import importing
from tests_ap.unit.server.rig import ServerCase, record


class ImportTest(ServerCase):
    async def test_good_records_go_in_and_each_bad_one_is_named_by_its_line(self) -> None:
        stranger = record("stranger")
        stranger["lines"][3] = [7, "Who am I?"]
        lines = [json.dumps(record("first")).encode(), b"", b"{not json", json.dumps(stranger).encode(), b"[1]"]
        report = await self.admin.import_records([*lines, json.dumps(record("second")).encode()])
        self.assertEqual((report.imported, report.duplicates, report.refused_total), (2, 0, 3))
        self.assertEqual([fault.line for fault in report.refused], [3, 4, 5])
        self.assertRegex(report.refused[0].message, "not JSON")
        self.assertRegex(report.refused[1].message, "speaker 7")

    async def test_the_same_content_is_a_duplicate_under_any_id(self) -> None:
        twin = record("first") | {"id": "twin", "source": "elsewhere"}
        report = await self.admin.import_records([record("first"), record("first"), twin])
        self.assertEqual((report.imported, report.duplicates, report.refused), (1, 2, ()))

    async def test_other_content_under_a_taken_id_is_refused(self) -> None:
        await self.admin.import_records([record("first")])
        report = await self.admin.import_records([record("second") | {"id": "first"}])
        message = (
            "id 'first' is taken by another conversation; give this one an id of its own, or delete the other one first"
        )
        self.assertEqual(report.refused, (ImportFault(line=1, message=message),))

    async def test_a_conversation_that_is_too_short_is_stored_and_never_leased(self) -> None:
        report = await self.admin.import_records([record("short", lines=2)])
        self.assertEqual(report.imported, 1)
        self.assertIsNone(await self.alice.lease())
        page = await self.admin.conversations(state=ConversationState.TOO_SHORT)
        self.assertEqual([one.id for one in page.conversations], ["short"])
        self.assertTrue(page.conversations[0].detail)
        self.assertEqual((await self.admin.stats()).conversations[ConversationState.TOO_SHORT], 1)

    async def test_a_nul_in_what_a_column_holds_is_refused_by_its_line_and_the_others_go_in(self) -> None:
        for field in ("id", "source", "license", "language"):
            bad = record(f"bad {field}") | {field: "x\x00y"}
            report = await self.admin.import_records([bad, record(f"good {field}")])
            self.assertEqual((report.imported, report.refused_total, report.refused[0].line), (1, 1, 1), field)
        spoken = record("spoken", participants=["Ada\x00", "Bo"], labels={"a\x00": "b\x00"})
        spoken["lines"][0][1] += "\x00"
        self.assertEqual((await self.admin.import_records([spoken])).imported, 1)

    async def test_an_import_of_nothing_says_so(self) -> None:
        report = await self.admin.import_records([])
        self.assertEqual((report.imported, report.duplicates, report.refused), (0, 0, ()))

    async def test_many_records_go_in(self) -> None:
        report = await self.admin.import_records(record(f"talk {number}") for number in range(250))
        self.assertEqual(report.imported, 250)

    async def test_what_two_send_at_the_same_time_goes_in_once_and_each_record_is_counted(self) -> None:
        talks = [record(f"talk {number}", source=f"source {number % 7}") for number in range(120)]
        reports = await asyncio.gather(self.admin.import_records(talks), self.admin.import_records(talks[::-1]))
        self.assertEqual(sum(report.imported for report in reports), 120)
        self.assertEqual(sum(report.duplicates for report in reports), 120)
        self.assertEqual([report.refused for report in reports], [(), ()])

    async def test_what_is_not_latin_and_a_byte_order_mark_go_in(self) -> None:
        talk = record("наш/разговор 🎻", participants=["Аня", "بو"])
        line = b"\xef\xbb\xbf" + json.dumps(talk, ensure_ascii=False).encode() + b"\r"
        self.assertEqual((await self.admin.import_records([line])).imported, 1)
        detail = await self.admin.conversation("наш/разговор 🎻")
        self.assertEqual(detail.record["participants"], ["Аня", "بو"])


async def chunks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def lines_of(*parts: bytes) -> list[importing.NumberedLine]:
    return [line async for batch in importing.batches(chunks(*parts)) for line in batch]


class LineTest(unittest.IsolatedAsyncioTestCase):
    async def test_lines_are_the_same_however_the_stream_is_cut(self) -> None:
        whole = b"one\n\n  two\nthree"
        expected = [(1, b"one"), (3, b"  two"), (4, b"three")]
        for cut in range(len(whole) + 1):
            self.assertEqual(await lines_of(whole[:cut], whole[cut:]), expected)

    async def test_a_line_that_is_too_long_is_named_and_the_next_one_is_read(self) -> None:
        part = b"x" * (importing.MAX_LINE_BYTES // 2 + 1)
        found = await lines_of(b"one\n", part, part, part, part + b"\ntwo")
        self.assertEqual(found, [(1, b"one"), (2, None), (3, b"two")])

    async def test_batches_are_bounded_in_lines(self) -> None:
        sizes = [len(batch) async for batch in importing.batches(chunks(b"x\n" * (importing.BATCH_LINES * 2 + 1)))]
        self.assertEqual(sizes, [importing.BATCH_LINES, importing.BATCH_LINES, 1])
