"""The dataset goes to a hub by the real client and comes back by the real `load_dataset`."""

import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from conversation_genome.errors import InputError
from conversation_genome.publishing import write_dataset
from conversation_genome.publishing.hub import push_folder
from conversation_genome.settings import PROJECT_ROOT
from tests_ap.integration.publishing.hub import Hub
from tests_ap.integration.publishing.loopback import Loopback
from tests_ap.unit.publishing.records import LetterEmbedder, record

REPO = "tester/talks"
SHARD_BYTES = 20_000
NAMES = tuple(f"talk {number}" for number in range(40))

PUSH = """
import json, sys
from pathlib import Path
from conversation_genome.errors import ConversationGenomeError
from conversation_genome.publishing.hub import push_folder
try:
    print(push_folder(Path(sys.argv[1]), sys.argv[2]).model_dump_json())
except ConversationGenomeError as exc:
    print(json.dumps({"error": type(exc).__name__, "message": str(exc)}))
"""
LOAD = """
import json, sys
from datasets import load_dataset
print(json.dumps({table: {split: sorted(map(str, rows[column])) for split, rows in load_dataset(sys.argv[1], table).items()}
    for table, column in (("conversations", "id"), ("profiles", "conversation_id"), ("tags", "text"))}))
"""


class HubCase(unittest.TestCase):
    def setUp(self) -> None:
        holder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.folder, self.home = holder / "dataset", holder / "home"
        self.hub = Hub()
        loopback = Loopback(self.hub.app())
        self.hub.url = loopback.url
        loopback.start()
        self.addCleanup(loopback.stop)

    def write(self, names):
        return write_dataset(map(record, names), self.folder, embedder=LetterEmbedder(), shard_bytes=SHARD_BYTES)

    def run_(self, program: str, *arguments: str, token: str = "a token"):
        environment = os.environ | {
            "HF_ENDPOINT": self.hub.url,
            "HF_TOKEN": token,
            "HF_HUB_DISABLE_XET": "1",
            "HF_HUB_OFFLINE": "0",
            "HF_HUB_DISABLE_PROGRESS_BARS": "1",
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "HF_HOME": str(self.home),
            "PYTHONPATH": str(PROJECT_ROOT),
        }
        done = subprocess.run(
            [sys.executable, "-c", program, *arguments],
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        self.assertEqual(done.returncode, 0, done.stderr[-2_000:])
        return json.loads(done.stdout.splitlines()[-1])

    def push(self, **options):
        return self.run_(PUSH, str(self.folder), REPO, **options)

    @property
    def remote(self) -> dict[str, bytes]:
        return {
            path: content for path, content in self.hub.repositories[REPO].files.items() if path != ".gitattributes"
        }

    @property
    def local(self) -> dict[str, bytes]:
        files = (path for path in self.folder.rglob("*") if path.is_file())
        return {path.relative_to(self.folder).as_posix(): path.read_bytes() for path in files}


class TestPush(HubCase):
    def test_what_is_pushed_is_loaded_by_its_name(self) -> None:
        self.write(NAMES)
        pushed = self.push()
        self.assertEqual(self.remote, self.local)
        self.assertEqual(sorted(pushed["uploaded"]), sorted(self.local))
        loaded = self.run_(LOAD, REPO)
        self.assertEqual(sorted(id_ for ids in loaded["conversations"].values() for id_ in ids), sorted(NAMES))
        self.assertEqual(loaded["tags"], {"train": ["balcony tomatoes", "gardening"]})

    def test_an_interrupted_push_goes_on_where_it_was(self) -> None:
        self.write(NAMES)
        self.hub.uploads_until_failure = 3
        failed = self.push()
        self.assertEqual(failed["error"], "UnavailableError")
        self.assertIn("goes on where it was", failed["message"])
        self.assertEqual(self.remote, {}, "no reader sees half of a dataset")
        self.hub.uploads_until_failure = None
        self.push()
        self.assertEqual(self.remote, self.local)
        self.assertEqual(len(self.hub.uploads), len(set(self.hub.uploads)), "nothing goes up twice")

    def test_a_second_push_uploads_what_changed(self) -> None:
        self.write(NAMES)
        self.push()
        before = len(self.hub.uploads)
        self.write([*NAMES, "one more"])
        pushed = self.push()
        self.assertEqual(self.remote, self.local)
        self.assertLessEqual(len(self.hub.uploads) - before, 8, "the four tables of a shard, or of its halves")
        self.assertGreater(pushed["unchanged"], 8)
        self.assertEqual(pushed["withdrawn"], 0)
        self.assertEqual(self.push()["uploaded"], [])

    def test_a_deleted_conversation_is_in_no_file_and_no_revision_of_the_hub(self) -> None:
        self.write([*NAMES, "secret talk"])
        self.push()
        self.write(NAMES)
        pushed = self.push()
        self.assertEqual((pushed["withdrawn"], self.remote), (1, self.local))
        self.assertGreater(pushed["forgotten"], 0)
        self.assertEqual(
            set(self.hub.large.values()), {content for path, content in self.local.items() if path.endswith(".parquet")}
        )

    def test_a_history_that_could_not_be_given_up_is_given_up_by_the_next_push(self) -> None:
        self.write([*NAMES, "secret talk"])
        self.push()
        self.write(NAMES)
        self.hub.fails_to_squash = True
        self.assertEqual(self.push()["error"], "UnavailableError")
        self.hub.fails_to_squash = False
        self.push()
        self.assertEqual(self.remote, self.local)
        self.assertEqual(len(self.hub.large), sum(path.endswith(".parquet") for path in self.local))

    def test_what_somebody_else_put_there_stays(self) -> None:
        self.write(NAMES[:2])
        self.push()
        self.hub.repositories[REPO].files["notes.txt"] = b"mine"
        self.write(NAMES[:3])
        self.push()
        self.assertEqual(self.remote, self.local | {"notes.txt": b"mine"})


class TestRefusedPush(HubCase):
    def test_a_wrong_token_is_said(self) -> None:
        self.write(NAMES[:1])
        self.assertEqual(self.push(token="another")["error"], "AuthenticationError")

    def test_a_folder_that_is_no_dataset_is_refused(self) -> None:
        self.folder.mkdir()
        with self.assertRaisesRegex(InputError, "is no published dataset"):
            push_folder(self.folder, REPO)

    def test_a_name_that_is_no_repositorys_is_refused(self) -> None:
        self.write(NAMES[:1])
        with self.assertRaisesRegex(InputError, "is written owner/name"):
            push_folder(self.folder, "talks")


if __name__ == "__main__":
    unittest.main()
