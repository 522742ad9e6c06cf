"""The API, fuzzed from its own OpenAPI document by schemathesis: no 5xx, nothing that the document does not say.

Each route is asked what its schema allows and what it does not, by the administrator, by a validator that signs
what it sends, and by nobody in particular.
"""

import asyncio
import contextlib
import json
from collections.abc import Callable
from typing import Any, ClassVar

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.core.failures import FailureGroup

from conversation_genome.process import bound_socket
from conversation_genome.role import WebServer
from tests_ap.unit.server.rig import ALICE, KEY, SERVER, ServerCase, record

EXAMPLES = 4
"""Of each route, caller and mode."""
SETTINGS = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
)
MEANING_DECIDES = ("POST /v1/leases",)
"""Takes what its schema allows or not, by what it means: there may be no task type of that name."""
RECORDS = st.builds(lambda name, lines: json.dumps(record(name, lines=lines)).encode(), st.text(), st.integers(0, 9))
Sign = Callable[[requests.PreparedRequest], requests.PreparedRequest]

schemathesis.openapi.media_type(
    "application/x-ndjson", st.lists(RECORDS | st.binary(max_size=200), max_size=3).map(b"\n".join)
)


def signed(request: requests.PreparedRequest) -> requests.PreparedRequest:
    body = request.body or b""
    body = body.encode() if isinstance(body, str) else body
    given = ALICE.headers(method=str(request.method), path=request.path_url, body=body, receiver=SERVER.hotkey)
    request.headers.update(given)
    return request


class FuzzTest(ServerCase):
    settings: ClassVar[dict[str, Any]] = {
        f"server_{name}": 0
        for name in (
            "validator_requests_per_minute",
            "key_requests_per_minute",
            "anonymous_requests_per_minute",
            "key_import_bytes_per_day",
        )
    }
    callers: ClassVar[tuple[tuple[dict[str, str], Sign | None], ...]] = (
        ({"authorization": f"Bearer {KEY}"}, None),
        ({}, signed),
        ({}, None),
    )

    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        await self.completed()
        await self.leased(record("second"))
        listener = self.enterContext(contextlib.closing(bound_socket("127.0.0.1", 0)))
        listener.listen(8)
        self.address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        web = WebServer(self.app, stop_seconds=1, takes_signals=False)
        serving = asyncio.create_task(web.serve(sockets=[listener]))

        async def stop() -> None:
            web.should_exit = True
            await serving

        self.addAsyncCleanup(stop)

    async def test_whatever_is_sent_no_route_fails_or_says_what_the_document_does_not(self) -> None:
        found = await asyncio.to_thread(self.fuzz)
        self.assertEqual(found, [])
        self.assertEqual([entry for entry in self.log if entry["log_level"] in ("error", "critical")], [])

    def fuzz(self) -> list[str]:
        schema = schemathesis.openapi.from_dict(requests.get(f"{self.address}/openapi.json", timeout=10).json())
        schema.config.update(base_url=self.address)
        found: list[str] = []
        with requests.Session() as session:
            for result in schema.get_all_operations():
                operation = result.ok()
                for mode in GenerationMode:
                    for headers, sign in self.callers:
                        self.ask(operation, mode, session, headers, sign, found)
        return found

    def ask(self, operation: Any, mode: Any, session: Any, headers: Any, sign: Any, found: list[str]) -> None:
        not_checked = []
        if operation.label in MEANING_DECIDES:
            not_checked.append(schemathesis.checks.positive_data_acceptance)

        @SETTINGS
        @given(case=operation.as_strategy(generation_mode=mode))
        def run(case: Any) -> None:
            try:
                response = case.call(headers=headers, auth=sign, session=session)
                case.validate_response(
                    response, headers=headers, transport_kwargs={"auth": sign}, excluded_checks=not_checked
                )
            except FailureGroup as group:
                found.append(f"{operation.label}: {group}")

        with contextlib.suppress(Unsatisfiable):  # nothing can be wrong about a route that takes nothing
            run()
