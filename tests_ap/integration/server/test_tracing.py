"""A collector on loopback really receives the spans: those of a validator's requests belong to the validator's."""

import asyncio
import importlib.util
import threading
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

from conversation_genome.errors import SettingsError
from conversation_genome.tracing import span, trace_headers, tracing
from tests_ap.integration.server.process import ProcessCase
from tests_ap.unit.server.rig import record, submission, tasks_of, truth_of

HAS_EXTRA = importlib.util.find_spec("opentelemetry.exporter") is not None


class Collector:
    """Takes OTLP over HTTP and keeps every span."""

    def __init__(self) -> None:
        self.spans: list[dict[str, Any]] = []
        keep = self._keep

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                keep(self.path, self.headers, self.rfile.read(int(self.headers["content-length"])))
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _keep(self, path: str, headers: Any, body: bytes) -> None:
        import gzip  # noqa: PLC0415

        from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (  # noqa: PLC0415
            ExportTraceServiceRequest,
        )

        assert path == "/v1/traces", path
        body = gzip.decompress(body) if headers.get("content-encoding") == "gzip" else body
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            service = {one.key: one.value.string_value for one in resource.resource.attributes}["service.name"]
            for scope in resource.scope_spans:
                self.spans += [self._read(service, one) for one in scope.spans]

    def _read(self, service: str, one: Any) -> dict[str, Any]:
        values = {pair.key: pair.value.string_value or pair.value.int_value for pair in one.attributes}
        ids = {"id": one.span_id, "parent": one.parent_span_id, "trace": one.trace_id}
        return {"service": service, "name": one.name, **ids, **values}


@unittest.skipUnless(HAS_EXTRA, "OpenTelemetry is not installed: pip install 'conversation-genome[otlp]'")
class TracingTest(ProcessCase):
    collector: ClassVar[Collector]

    async def asyncSetUp(self) -> None:
        type(self).collector = Collector()
        self.addCleanup(self.collector.close)
        type(self).settings = {"otlp_endpoint": self.collector.url}
        await super().asyncSetUp()

    async def test_the_servers_spans_belong_to_the_validators_and_name_the_lease(self) -> None:
        async with self.server.admin() as admin, self.server.validator() as validator:
            await admin.import_records([record("first")])
            with tracing(self.collector.url, "validator"), span("grade conversation"):
                bundle = await validator.lease()
                assert bundle is not None
                await validator.put_ground_truth(bundle.lease_id, truth_of(bundle))
                for window_id in tasks_of(bundle):
                    await validator.submit(submission(bundle, window_id))
                await validator.complete(bundle.lease_id)
            await self.server.published(1)
        await asyncio.to_thread(self.server.stop)
        (root,) = [one for one in self.collector.spans if one["service"] == "cgp-validator"]
        ours = [one for one in self.collector.spans if one["trace"] == root["trace"] and one is not root]
        self.assertEqual({one["parent"] for one in ours}, {root["id"]})
        routes = {one["http.route"]: one["http.response.status_code"] for one in ours}
        self.assertEqual((routes["/v1/leases"], routes["/v1/submissions"]), (201, 201))
        submitted = next(one for one in ours if one["http.route"] == "/v1/submissions")
        self.assertEqual(submitted["cgp.request_id"], bundle.lease_id)
        (merged,) = [one for one in self.collector.spans if one["name"] == "merge"]
        self.assertEqual((merged["service"], merged["cgp.leases"]), ("cgp-server", bundle.lease_id))


class UntracedTest(unittest.TestCase):
    def test_without_a_collector_nothing_is_sent_and_a_span_is_nothing(self) -> None:
        with tracing("", "server"), span("work", cgp__task="one") as current:
            current.set_attribute("more", 1)
            self.assertEqual(trace_headers(), {})

    def test_an_endpoint_that_is_no_address_is_refused(self) -> None:
        with (
            self.assertRaisesRegex(SettingsError, "CGP_OTLP_ENDPOINT is 'collector:4318'"),
            tracing("collector:4318", "x"),
        ):
            pass
