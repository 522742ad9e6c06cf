"""Imports from the browser: any format, faults named by line, nothing taken from a stranger, nothing left behind."""

import asyncio
import html
import json
import re
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from unittest import mock

import httpx2

from conversation_genome.protocol.administration import KeyRequest, Scope
from conversation_server.services import uploading
from conversation_server.services.keys import BOOTSTRAP
from conversation_server.web import multipart
from tests_ap.unit.server.rig import KEY, record
from tests_ap.unit.server.web_rig import FORM, WebCase

TALK = "Ada: Have you seen the glacier?\nBo: Not yet, I was at the harbour all day.\n" * 6


class ImportsTest(WebCase):
    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        self.enterContext(mock.patch.object(tempfile, "tempdir", str(self.folder)))

    async def send_file(self, name: str, content: bytes | str, **fields: str) -> httpx2.Response:
        data = {"csrf": await self.csrf(), **fields}
        return await self.http.post("/console/imports", data=data, files={"file": (name, content)}, headers=FORM)

    async def ended(self, address: str) -> str:
        """Return an import's page when it says that it is over."""
        await asyncio.gather(*self.app.state.uploads._tasks)
        page = (await self.http.get(address)).text
        self.assertNotIn("data-live", page)
        return html.unescape(page)

    def left_behind(self) -> list[Path]:
        return list(self.folder.glob("cgp-upload-*"))

    async def test_a_file_of_records_goes_in_and_each_fault_is_named(self) -> None:
        lines = [json.dumps(record("one")), "not json", json.dumps(record("two")), json.dumps(record("one"))]
        response = await self.send_file("talks.jsonl", "\n".join(lines))
        self.assertEqual(response.status_code, 303)
        page = await self.ended(response.headers["location"])
        self.assertEqual(re.findall(r"</dt><dd>(\d+)</dd>", page), ["2", "1", "1"])
        self.assertIn("talks.jsonl:2", page)
        self.assertNotIn(str(self.folder), page)
        self.assertEqual(self.left_behind(), [])
        self.assertIn("conversations.import", await self.page("/keys"))

    async def test_a_format_is_found_out_or_named(self) -> None:
        for form in ("auto", "podcast"):
            response = await self.send_file("talk.txt", TALK, format=form)
            page = await self.ended(response.headers["location"])
            self.assertIn('class="badge u-done"', page, form)
        self.assertEqual((await self.send_file("talk.txt", TALK, format="guess")).status_code, 422)
        self.assertEqual(self.left_behind(), [])

    async def test_a_feed_without_its_transcripts_names_no_folder_of_the_server(self) -> None:
        mark = '<podcast:transcript url="https://x.example/one.vtt" type="text/vtt"/>'
        space = 'xmlns:podcast="https://podcastindex.org/namespace/1.0"'
        feed = f'<rss version="2.0" {space}><channel><item><title>E</title>{mark}</item></channel></rss>'
        page = await self.ended((await self.send_file("feed.xml", feed)).headers["location"])
        self.assertIn("'one.vtt', which is not in the upload;", page)
        self.assertNotIn(str(self.folder), page)

    async def test_a_licence_is_for_conversations_that_state_none(self) -> None:
        stated = {**record("one"), "license": "CC0-1.0"}
        lines = "\n".join(json.dumps(one) for one in (stated, {**record("two"), "license": None}))
        response = await self.send_file("talks.jsonl", lines, license=" CC-BY-4.0 ")
        await self.ended(response.headers["location"])
        self.assertIn("licence CC0-1.0;", await self.page("/conversations/one"))
        self.assertIn("licence CC-BY-4.0;", await self.page("/conversations/two"))
        self.assertEqual((await self.send_file("talk.txt", TALK, license="x" * 501)).status_code, 422)

    async def test_imports_from_anywhere_are_on_record_for_the_administrator_alone(self) -> None:
        key = {"authorization": f"Bearer {KEY}"}
        sent = await self.http.post("/v1/conversations", content=json.dumps(record("one")), headers=key)
        self.assertEqual(sent.status_code, 200)
        self.assertIn("over the API", await self.page("/imports"))
        made = await self.server.keys.create(KeyRequest(name="sender", scopes=(Scope.READ, Scope.IMPORT)), BOOTSTRAP)
        self.http = self.browser()
        await self.log_in(self.http, made.key)
        self.assertNotIn("over the API", await self.page("/imports"))

    async def test_what_comes_in_through_the_browser_is_counted(self) -> None:
        response = await self.send_file("talk.txt", TALK)
        await self.ended(response.headers["location"])
        self.assertIn('cgp_imported_conversations_total{result="imported"} 1.0', (await self.http.get("/metrics")).text)

    async def test_long_conversations_are_handed_on_one_by_one(self) -> None:
        sizes: list[int] = []
        taken = uploading._take

        def take(*arguments: Any) -> bytes:
            sizes.append(len(batch := taken(*arguments)))
            return batch

        lines = [json.dumps(record(f"r{number}")) for number in range(6)]
        with mock.patch.object(uploading, "BATCH_BYTES", 1), mock.patch.object(uploading, "_take", take):
            response = await self.send_file("talks.jsonl", "\n".join(lines))
            await self.ended(response.headers["location"])
        self.assertEqual((len(sizes), sizes[-1]), (7, 0))

    async def test_a_file_that_is_nothing_of_the_kind_ends_with_its_reason(self) -> None:
        response = await self.send_file("picture.png", b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
        page = await self.ended(response.headers["location"])
        self.assertIn('class="badge u-failed"', page)
        self.assertIn("picture.png", page)

    async def test_a_file_without_the_forms_token_never_reaches_the_disk(self) -> None:
        files = {"file": ("talk.txt", TALK)}
        for data, headers in (({}, FORM), ({"csrf": "0" * 64}, FORM), ({"csrf": await self.csrf()}, {})):
            with mock.patch.object(uploading, "new_place", side_effect=AssertionError):
                response = await self.http.post("/console/imports", data=data, files=files, headers=headers)
            self.assertEqual(response.status_code, 403)
        self.assertEqual(self.left_behind(), [])

    async def test_whoever_may_not_import_is_refused(self) -> None:
        made = await self.server.keys.create(KeyRequest(name="reader", scopes=(Scope.READ,)), BOOTSTRAP)
        self.http = self.browser()
        await self.log_in(self.http, made.key)
        self.assertEqual((await self.send_file("talk.txt", TALK)).status_code, 403)

    async def test_a_name_that_climbs_stays_in_its_folder(self) -> None:
        for name in ("../../../etc/passwd", "..", "/", "a\x00b", "x" * 500, "\u202egnp.exe"):
            place = uploading.new_place(name)
            self.assertEqual(place.parent.parent, self.folder)
            self.assertTrue(place.name and not place.name.startswith("."), name)

    async def test_what_a_killed_server_left_behind_is_removed_and_what_is_being_read_stays(self) -> None:
        (self.folder / "cgp-upload-dead").mkdir()
        (self.folder / "cgp-upload-dead" / "talk.txt").write_text(TALK)
        living = uploading.new_place("talk.txt")
        (self.folder / "cgp-upload-link").symlink_to(self.folder)
        uploading.remove_abandoned()
        self.assertCountEqual(self.left_behind(), [living.parent, self.folder / "cgp-upload-link"])
        uploading.remove_place(living)
        self.assertFalse(living.parent.exists())

    async def test_a_file_that_is_too_large_is_refused_while_it_comes_and_removed(self) -> None:
        self.enterContext(mock.patch.object(multipart, "MAX_FILE_BYTES", 100_000))
        sent = 0

        async def endless() -> AsyncIterator[bytes]:
            nonlocal sent
            yield b'--b\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n' + csrf.encode()
            yield b'\r\n--b\r\nContent-Disposition: form-data; name="file"; filename="x.txt"\r\n\r\n'
            while sent < 10_000_000:
                sent += 10_000
                yield b"x" * 10_000

        csrf = await self.csrf()
        headers = {**FORM, "content-type": "multipart/form-data; boundary=b"}
        response = await self.http.post("/console/imports", content=endless(), headers=headers)
        self.assertEqual(response.status_code, 413)
        self.assertLess(sent, 1_000_000)
        self.assertEqual(self.left_behind(), [])

    async def test_a_form_that_is_none_is_refused(self) -> None:
        for kind, body in (
            ("application/json", b"{}"),
            ("multipart/form-data", b""),
            ("multipart/form-data; boundary=b", b"nothing like it"),
            ("multipart/form-data; boundary=b", b"--b--\r\n"),
        ):
            response = await self.http.post("/console/imports", content=body, headers={**FORM, "content-type": kind})
            self.assertEqual(response.status_code, 422, kind)

    async def test_an_import_that_nobody_knows_is_not_found(self) -> None:
        self.assertEqual((await self.http.get("/console/imports/nothing")).status_code, 404)
