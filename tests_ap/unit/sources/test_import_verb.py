import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests_ap.unit.sources.writing import SourceTestCase

ROOT = Path(__file__).resolve().parents[3]
CHAT = "Ana: hi\nBo: ho\n"


@contextmanager
def recording_server(answer: dict[str, Any]) -> Iterator[tuple[str, list[tuple[str, str, bytes]]]]:
    """Yield the address of a server that knows no content and gives one answer to imports, and what was imported."""
    calls: list[tuple[str, str, bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            call = (self.path, self.headers.get("authorization", ""), self._body())
            is_question = self.path.endswith("/known")
            if not is_question:
                calls.append(call)
            body = json.dumps({"hashes": []} if is_question else answer).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _body(self) -> bytes:
            if "content-length" in self.headers:
                return self.rfile.read(int(self.headers["content-length"]))
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return body

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", calls
        finally:
            server.shutdown()
            thread.join()


class ImportVerbTests(SourceTestCase):
    def cgp(self, *arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "conversation_genome", "import", *map(str, arguments)]
        environ = {**os.environ, "CGP_API_KEY": "", **environment}
        return subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=120, check=False)

    def test_a_folder_is_read_in_order_and_each_file_has_its_line(self) -> None:
        self.file("b.txt", CHAT)
        self.file("a.vtt", "WEBVTT\n\n00:01.000 --> 00:02.000\nHello.\n")
        self.file(".hidden", "junk")
        out = self.folder.parent / f"{self.folder.name}.jsonl"
        self.addCleanup(out.unlink, missing_ok=True)
        done = self.cgp(self.folder, "--out", out, "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("a.vtt: youtube, 1 conversation, 1 line, 1 speaker\n", done.stderr)
        self.assertIn("b.txt: chat, 1 conversation, 2 lines, 2 speakers\n", done.stderr)
        self.assertEqual([json.loads(row)["source"] for row in out.read_text().splitlines()], ["youtube", "chat"])
        summary = json.loads(done.stdout)
        self.assertEqual((summary["conversations"], summary["lines"], summary["faults"]), (2, 3, 0))

    def test_the_good_go_in_and_every_fault_is_told_and_fails_the_command(self) -> None:
        files = [self.file("good.txt", CHAT), self.file("cut.json", '{"x'), self.file("essay.txt", "It was dark.\n")]
        out = self.folder / "out.jsonl"
        done = self.cgp(*files, "--out", out)
        self.assertEqual(done.returncode, 2)
        self.assertIn("cut.json:1: not JSON", done.stderr)
        self.assertIn("essay.txt has no format", done.stderr)
        self.assertIn("2 faults, named above, left out; 1 conversation went in", done.stderr)
        self.assertEqual(len(out.read_text().splitlines()), 1)

    def test_where_nothing_is_good_nothing_is_written(self) -> None:
        done = self.cgp(self.file("cut.json", '{"x'), "--out", self.folder / "out.jsonl")
        self.assertEqual(done.returncode, 2)
        self.assertEqual([path.name for path in self.folder.iterdir()], ["cut.json"])

    def test_faults_can_be_skipped(self) -> None:
        records = '{"id":"a","participants":["A"],"lines":[[0,"hi"]]}\n{oops\n'
        done = self.cgp(self.file("r.jsonl", records), self.file("good.txt", CHAT), "--skip-bad")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(done.stdout.splitlines()), 2)
        self.assertIn("r.jsonl:2: not JSON", done.stderr)

    def test_the_same_conversation_under_two_names_goes_in_once(self) -> None:
        done = self.cgp(self.file("a.txt", CHAT), self.file("b.txt", CHAT))
        self.assertEqual(len(done.stdout.splitlines()), 1)
        self.assertIn("b.txt: chat, 0 conversations, 0 lines, 0 speakers, 1 duplicate left out", done.stderr)

    def test_a_licence_is_given_to_what_states_none(self) -> None:
        stated = json.loads(self.cgp(self.file("a.txt", CHAT)).stdout) | {
            "id": "b",
            "license": "MIT",
            "participants": ["A", "B"],
        }
        done = self.cgp(self.file("a.txt", CHAT), self.file("b.jsonl", json.dumps(stated)), "--license", "CC0-1.0")
        licenses = [json.loads(line)["license"] for line in done.stdout.splitlines()]
        self.assertEqual(licenses, ["CC0-1.0", "MIT"], done.stderr)

    def test_a_server_without_a_key_is_refused_before_anything_is_read(self) -> None:
        done = self.cgp(self.file("a.txt", CHAT), "--to", "http://127.0.0.1:9", "--api-key-env", "NO_SUCH_KEY")
        self.assertEqual(done.returncode, 2)
        self.assertIn("the environment variable NO_SUCH_KEY is not set", done.stderr)

    def test_records_are_streamed_to_the_server_with_the_key(self) -> None:
        with recording_server({"imported": 1, "duplicates": 1, "refused": [], "refused_total": 0}) as (url, calls):
            files = [self.file("a.txt", CHAT), self.file("b.txt", "Ana: other\nBo: words\n")]
            done = self.cgp(*files, "--to", url, "--json", CGP_API_KEY="secret-key")
        self.assertEqual(done.returncode, 0, done.stderr)
        path, key, body = calls[0]
        self.assertEqual((path, key), ("/v1/conversations", "Bearer secret-key"))
        self.assertEqual([json.loads(row)["participants"] for row in body.splitlines()], [["Ana", "Bo"]] * 2)
        self.assertEqual(json.loads(done.stdout)["imported"], 1)
        self.assertNotIn("secret-key", done.stderr + done.stdout)

    def test_what_the_server_refuses_is_told_by_its_file(self) -> None:
        refused = [{"line": 2, "message": "too short"}]
        with recording_server({"imported": 1, "duplicates": 0, "refused": refused, "refused_total": 1}) as (
            url,
            _calls,
        ):
            files = [self.file("a.txt", CHAT), self.file("b.txt", "Ana: other\nBo: words\n")]
            done = self.cgp(*files, "--to", url, CGP_API_KEY="k")
        self.assertEqual(done.returncode, 2)
        self.assertRegex(done.stderr, r"b\.txt: b-\w+: refused by http.*: too short")

    def test_a_server_that_does_not_answer_is_a_failure_in_one_sentence(self) -> None:
        done = self.cgp(self.file("a.txt", CHAT), "--to", "http://127.0.0.1:9", CGP_API_KEY="k")
        self.assertEqual(done.returncode, 1)
        self.assertNotIn("Traceback", done.stderr)

    def test_wrong_paths_and_formats_are_told(self) -> None:
        self.assertIn("gone.txt is not there", self.cgp(self.folder / "gone.txt").stderr)
        self.assertIn("--format 'fax' is no format", self.cgp(self.file("a.txt", CHAT), "--format", "fax").stderr)
