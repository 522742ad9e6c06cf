"""The Dockerfile and the compose file, as far as they can be checked without a builder."""

import asyncio
import fnmatch
import importlib.util
import re
import shlex
import subprocess
import sys
import unittest
from typing import Any, Final

import yaml
from fastapi import FastAPI, Response

from conversation_genome.role import serve_beside
from conversation_genome.settings import PREFIX, ROLES
from tests_ap.environment import ROOT

FOLDER: Final = ROOT / "deploy/docker"
DOCKERFILE: Final = (FOLDER / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
COMPOSE: Final[dict[str, Any]] = yaml.safe_load((FOLDER / "compose.yaml").read_text(encoding="utf-8"))
MODULE_OF: Final = {"server": "conversation_server", "validator": "validators", "miner": "miner"}
SETTINGS: Final = {name: {f"{PREFIX}{field}".upper() for field in role.model_fields} for name, role in ROLES.items()}
VARIABLE: Final = re.compile(r"\$\{([A-Z0-9_]+)")


def instructions(name: str) -> list[str]:
    return [line.split(" ", 1)[1].strip() for line in DOCKERFILE.splitlines() if line.startswith(f"{name} ")]


def roles() -> dict[str, dict[str, Any]]:
    return {name: COMPOSE["services"][name] for name in MODULE_OF}


class DockerfileTest(unittest.TestCase):
    def test_the_last_stage_does_not_run_as_root(self) -> None:
        (user,) = instructions("USER")
        self.assertNotIn(user.split(":")[0], ("0", "root"))
        self.assertGreater(DOCKERFILE.index("USER "), DOCKERFILE.rindex("FROM "))

    def test_everything_that_is_copied_is_there_and_let_through_to_the_builder(self) -> None:
        allowed = [
            line[1:] for line in (FOLDER / "Dockerfile.dockerignore").read_text("utf-8").splitlines() if line[:1] == "!"
        ]
        for words in map(shlex.split, instructions("COPY")):
            if words[0].startswith("--from"):
                continue
            for source in words[:-1]:
                self.assertTrue((ROOT / source).exists(), source)
                self.assertTrue(any(fnmatch.fnmatch(source, f"{name}*") for name in allowed), source)

    def test_every_package_of_the_project_is_copied_and_the_model_is_prepared(self) -> None:
        copied = {shlex.split(line)[0] for line in instructions("COPY")}
        self.assertLessEqual({"conversation_genome", *MODULE_OF.values()}, copied)
        self.assertTrue(any("conversation_genome setup --models /app/models" in line for line in instructions("RUN")))
        self.assertIn("CGP_MODELS_PATH=/app/models", DOCKERFILE)

    def test_settings_that_the_image_brings_are_settings(self) -> None:
        names = set(re.findall(rf"\b{PREFIX}[A-Z_]+", DOCKERFILE))
        self.assertLessEqual(names, set.intersection(*SETTINGS.values()))

    def test_what_is_installed_is_what_pyproject_pins_to_run(self) -> None:
        command = [sys.executable, str(FOLDER / "runtime_requirements.py"), str(ROOT / "pyproject.toml")]
        lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
        self.assertTrue(all("==" in line for line in lines))
        self.assertFalse([line for line in lines if line.startswith(("mypy", "ruff", "keybert", "yake"))])


class HealthCheckTest(unittest.IsolatedAsyncioTestCase):
    async def exit_code(self, status: int) -> int:
        app = FastAPI()
        app.add_api_route("/readyz", lambda: Response(status_code=status))
        async with serve_beside(app, "127.0.0.1", 0) as port:
            return await self.check(f"http://127.0.0.1:{port}/readyz")

    async def check(self, url: str) -> int:
        process = await asyncio.create_subprocess_exec(
            sys.executable, str(FOLDER / "healthcheck.py"), env={"HEALTH_URL": url}, stderr=subprocess.DEVNULL
        )
        return await process.wait()

    def test_the_image_has_one(self) -> None:
        (check,) = instructions("HEALTHCHECK")
        self.assertIn("/app/healthcheck.py", check)

    async def test_a_role_that_can_work_is_healthy_and_any_other_is_not(self) -> None:
        self.assertEqual(await self.exit_code(200), 0)
        self.assertEqual(await self.exit_code(503), 1)
        self.assertEqual(await self.check("http://127.0.0.1:1/readyz"), 1)


class ComposeTest(unittest.TestCase):
    def test_every_role_and_its_database_are_there_and_can_be_checked(self) -> None:
        self.assertEqual(set(COMPOSE["services"]), {"postgres", *MODULE_OF})
        self.assertIn("healthcheck", COMPOSE["services"]["postgres"])
        for name, service in roles().items():
            self.assertIn("HEALTH_URL", service["environment"], name)

    def test_every_command_is_a_module_that_can_be_run(self) -> None:
        for name, service in roles().items():
            self.assertEqual(service["command"], [MODULE_OF[name]])
            self.assertIsNotNone(importlib.util.find_spec(f"{MODULE_OF[name]}.__main__"))

    def test_every_setting_that_is_given_is_one_of_that_role(self) -> None:
        for name, service in roles().items():
            given = {key for key in service["environment"] if key.startswith(PREFIX)}
            self.assertLessEqual(given, SETTINGS[name], name)

    def test_settings_are_values_that_the_role_takes(self) -> None:
        for name, service in roles().items():
            values = {
                key.removeprefix(PREFIX).lower(): re.sub(r"\$\{[A-Z0-9_]+:?[-?]?([^}]*)\}", r"\1", str(value))
                for key, value in service["environment"].items()
                if key.startswith(PREFIX)
            }
            ROLES[name](_env_file=None, **values)

    def test_a_health_check_asks_the_port_that_the_role_listens_on(self) -> None:
        for name, service in roles().items():
            environment = service["environment"]
            self.assertIn(f":{environment[f'{PREFIX}{name.upper()}_PORT']}/", environment["HEALTH_URL"])

    def test_no_role_is_more_than_it_needs_to_be(self) -> None:
        for name, service in roles().items():
            self.assertTrue(service["read_only"], name)
            self.assertEqual(service["cap_drop"], ["ALL"], name)
            self.assertIn("no-new-privileges:true", service["security_opt"], name)
            self.assertFalse(service["user"].startswith(("0", "root")), name)
        self.assertTrue(COMPOSE["networks"]["database"]["internal"])
        self.assertNotIn("ports", COMPOSE["services"]["postgres"])

    def test_each_role_is_shown_its_own_hotkey_alone(self) -> None:
        for name, service in roles().items():
            (bound,) = [volume for volume in service["volumes"] if isinstance(volume, dict)]
            own = f"${{{name.upper()}_WALLET:-{name}}}/hotkeys/${{{name.upper()}_WALLET_HOTKEY:-default}}"
            self.assertEqual((bound["target"], bound["read_only"]), (f"/wallets/{own}", True), name)
            self.assertTrue(bound["source"].endswith(own), name)
            self.assertFalse(bound["bind"]["create_host_path"], name)

    def test_further_settings_of_each_role_come_from_a_file_of_its_own(self) -> None:
        for name, service in roles().items():
            self.assertEqual(service["env_file"], [{"path": f"{name}.env", "required": False}])

    def test_every_variable_stands_in_the_example_and_no_other(self) -> None:
        asked = set(VARIABLE.findall((FOLDER / "compose.yaml").read_text(encoding="utf-8")))
        lines = (FOLDER / "example.env").read_text(encoding="utf-8").splitlines()
        self.assertEqual({line.split("=")[0] for line in lines if line and line[0] != "#"}, asked)

    def test_prometheus_reads_where_the_roles_tell_their_numbers(self) -> None:
        config = yaml.safe_load((ROOT / "deploy/prometheus.yml").read_text(encoding="utf-8"))
        targets = {job["job_name"]: job["static_configs"][0]["targets"][0] for job in config["scrape_configs"]}
        ports = {name: int(target.split(":")[1]) for name, target in targets.items()}
        given = {name: service["environment"] for name, service in roles().items()}
        self.assertEqual(
            ports,
            {
                "server": given["server"]["CGP_SERVER_PORT"],
                "validator": given["validator"]["CGP_VALIDATOR_PORT"],
                "miner": given["miner"]["CGP_MINER_METRICS_PORT"],
            },
        )
