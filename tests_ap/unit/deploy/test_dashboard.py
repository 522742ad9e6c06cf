"""The Grafana dashboard asks only for numbers that the roles really give."""

import json
import re
from typing import Any, Final

import httpx2
from prometheus_client.parser import text_string_to_metric_families

from conversation_genome.annotation import Hotkey
from conversation_genome.role import serve_beside
from miner.metrics import MinerMetrics, metrics_app
from tests_ap.environment import ROOT
from tests_ap.unit.server.rig import ServerCase, record
from validators.metrics import ValidatorMetrics
from validators.status_pages import status_app

DASHBOARD: Final = json.loads((ROOT / "deploy/grafana/conversation-genome.json").read_text(encoding="utf-8"))
QUERIED: Final = re.compile(r"\b(?:cgp|process)_[a-z_]+\b")
LABELS: Final = re.compile(r"(\b(?:cgp|process)_[a-z_]+)\{([^}]*)\}")
OF_PROMETHEUS: Final = {"le", "job", "instance"}
"""Labels that buckets have, and that Prometheus itself adds."""


def queries() -> list[str]:
    return [target["expr"] for panel in DASHBOARD["panels"] for target in panel.get("targets", [])]


def samples(text: str) -> dict[str, set[str]]:
    """Return the labels of every number on a page, by its name."""
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return found


class DashboardTest(ServerCase):
    async def page_of(self, app: Any) -> str:
        async with serve_beside(app, "127.0.0.1", 0) as port, httpx2.AsyncClient(trust_env=False) as client:
            response = await client.get(f"http://127.0.0.1:{port}/metrics")
            return response.raise_for_status().text

    async def every_number(self) -> dict[str, set[str]]:
        """Return the numbers of all three roles after each has done all its work once."""
        await self.completed(record("first"))
        validator, miner = ValidatorMetrics(), MinerMetrics()
        validator.count_answer("scored", 0.1)
        miner.count_task(200, 0.1)
        pages = [
            await self.page_of(self.app),
            await self.page_of(status_app(validator, Hotkey("alice"))),
            await self.page_of(metrics_app(miner)),
        ]
        found: dict[str, set[str]] = {}
        for page in pages:
            for name, labels in samples(page).items():
                found.setdefault(name, set()).update(labels)
        return found

    async def test_every_number_that_is_asked_for_is_given(self) -> None:
        given = await self.every_number()
        asked = {name for query in queries() for name in QUERIED.findall(query)}
        self.assertGreater(len(asked), 15)
        self.assertEqual(asked - set(given), set())

    async def test_every_label_that_is_asked_for_is_there(self) -> None:
        given = await self.every_number()
        for query in queries():
            for name, condition in LABELS.findall(query):
                labels = set(re.findall(r"(\w+)\s*=", condition)) - OF_PROMETHEUS
                self.assertLessEqual(labels, given[name], query)
            names = QUERIED.findall(query)
            for grouped in re.findall(r"by \(([^)]*)\)", query):
                labels = {label.strip() for label in grouped.split(",")} - OF_PROMETHEUS
                self.assertLessEqual(labels, given[names[0]], query)

    async def test_every_number_of_ours_is_on_the_dashboard(self) -> None:
        given = {re.sub(r"_(created|sum|count|bucket)$", "", name) for name in await self.every_number()}
        ours = {name for name in given if name.startswith("cgp_")}
        text = " ".join(queries())
        self.assertEqual({name for name in ours if name not in text}, set())

    async def test_no_label_grows_with_what_callers_send(self) -> None:
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=self.app), base_url="http://server") as client:
            for number in range(20):
                await client.get(f"/nothing/{number}")
                await client.request(f"ODD{number}", "/v1/leases")
                await client.get(f"/v1/conversations/{number}")
        page = samples(await self.page_of(self.app))
        self.assertLessEqual(page["cgp_requests_total"], {"method", "route", "status"})
        text = await self.page_of(self.app)
        self.assertLess(len([line for line in text.splitlines() if line.startswith("cgp_requests_total{")]), 12)

    def test_panels_have_titles_and_do_not_lie_on_one_another(self) -> None:
        taken: set[tuple[int, int]] = set()
        for panel in DASHBOARD["panels"]:
            self.assertTrue(panel["title"])
            place = panel["gridPos"]
            cells = {
                (column, line)
                for column in range(place["x"], place["x"] + place["w"])
                for line in range(place["y"], place["y"] + place["h"])
            }
            self.assertFalse(cells & taken, panel["title"])
            self.assertLessEqual(place["x"] + place["w"], 24)
            taken |= cells
