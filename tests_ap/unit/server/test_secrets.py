"""Secrets stay where they are: none in logs, answers, numbers or reports, whatever fails."""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from pydantic import SecretStr
from typer.testing import CliRunner

from conversation_genome.cli.app import app as cgp
from conversation_genome.settings import PREFIX, PROJECT_ROOT, ROLES

PASSWORD = "wachtwoord-in-a-url"


class BusyRunTest(unittest.TestCase):
    def test_no_secret_is_in_a_log_an_answer_or_the_numbers_after_a_busy_run_full_of_failures(self) -> None:
        for form in ("json", "console"):
            done = subprocess.run(
                [sys.executable, "-m", "tests_ap.unit.server.busy", form],
                capture_output=True,
                text=True,
                cwd=PROJECT_ROOT,
                timeout=120,
                check=False,
            )
            self.assertEqual(done.returncode, 0, done.stderr[-3_000:])
            secrets, answers = map(json.loads, done.stdout.splitlines()[-2:])
            self.assert_failures_are_logged(done.stderr)
            self.assertNotIn("unlucky", done.stderr)  # what a statement that failed was given
            for secret in set(secrets):
                self.assertNotIn(secret, done.stderr, form)
                self.assertNotIn(secret, "".join(answers), form)

    def assert_failures_are_logged(self, log: str) -> None:
        """Fail if what was provoked is not there: a silent log holds no secret either."""
        for failure in ("the index is broken", "the table is broken", "no such table", "the disk is full"):
            self.assertIn(failure, log)
        self.assertGreaterEqual(log.count("Traceback (most recent call last)"), 5)


class ReportTest(unittest.TestCase):
    def test_the_report_of_the_settings_masks_every_secret_and_every_password(self) -> None:
        secrets = {
            f"{PREFIX}{name}".upper(): f"geheim-{name}"
            for role in ROLES.values()
            for name, field in role.model_fields.items()
            if field.annotation is SecretStr or field.annotation == SecretStr | None
        }
        self.assertGreaterEqual(len(secrets), 3)
        environment = {
            **secrets,
            "CGP_SERVER_DATABASE_URL": f"postgresql+asyncpg://user:{PASSWORD}@db/name",
            "CGP_ENV_FILE": str(Path(self.enterContext(tempfile.TemporaryDirectory())) / "none.env"),
        }
        with mock.patch.dict("os.environ", environment):
            for options in ((), ("--json",), ("--quiet",)):
                shown = CliRunner().invoke(cgp, ["config", "check", *options])
                for secret in (*secrets.values(), PASSWORD):
                    self.assertNotIn(secret, shown.output, options)
