"""`cgp db`: a running server is backed up, and what was restored elsewhere serves and finds the same."""

import asyncio
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

from conversation_genome.settings import PREFIX, PROJECT_ROOT
from tests_ap.integration.server.process import ProcessCase
from tests_ap.integration.server.test_server_process import all_leases
from tests_ap.postgres import new_database
from tests_ap.unit.server.rig import record, submission, tasks_of, truth_of


def cgp_db(folder: Path, *arguments: str, **settings: object) -> tuple[int, str, str]:
    """Run `cgp db` and return its exit code, output and log."""
    others = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    ours = {f"{PREFIX}{name.upper()}": str(value) for name, value in settings.items()}
    ran = subprocess.run(
        [sys.executable, "-m", "conversation_genome", "db", *arguments],
        cwd=folder,
        env=others | ours | {"PYTHONPATH": str(PROJECT_ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return ran.returncode, ran.stdout, ran.stderr


class DatabaseCommandTest(ProcessCase):
    async def test_a_running_server_is_backed_up_and_what_is_restored_is_served_and_found(self) -> None:
        await self._grade_one()
        settings = self.server.settings
        code, out, log = await asyncio.to_thread(cgp_db, self.server.folder, "backup", "b.gz", "--json", **settings)
        self.assertEqual(code, 0, log)
        self.assertEqual(json.loads(out)["rows"]["conversations"], 1)
        self.assertEqual(stat.S_IMODE((self.server.folder / "b.gz").stat().st_mode), 0o600)
        self.server.stop()
        self.server.close()
        settings |= {"server_database_url": new_database(), "server_vector_store_path": self.server.folder / "new"}
        code, out, log = await asyncio.to_thread(cgp_db, self.server.folder, "restore", "b.gz", **settings)
        self.assertEqual(code, 0, log)
        self.assertIn("1 conversations searchable", log)
        code, _, log = await asyncio.to_thread(cgp_db, self.server.folder, "restore", "b.gz", **settings)
        self.assertEqual((code, "--force" in log), (2, True), log)
        self.server.settings.update(settings)
        self.server.start()
        await self.server.ready()
        async with self.server.admin() as admin:
            self.assertEqual([hit.conversation_id for hit in (await admin.search("cheddar")).hits], ["first"])

    async def _grade_one(self) -> None:
        async with self.server.admin() as admin, self.server.validator() as validator:
            await admin.import_records([record("first")])
            (bundle,) = await all_leases(validator)
            await validator.put_ground_truth(bundle.lease_id, truth_of(bundle))
            for window_id in tasks_of(bundle):
                await validator.submit(submission(bundle, window_id))
            await validator.complete(bundle.lease_id)
            await self.server.published(1)
