"""Metrics: numbers for Prometheus. Labels are route templates and names of ours, never what a caller sent.

The only module that imports prometheus_client.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Final, Literal, cast

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

from conversation_genome.protocol.messages import ImportReport, Receipt, Submission
from conversation_genome.protocol.reads import ServerStats
from conversation_genome.search.caching import CacheCounters
from conversation_genome.vector_store.base import Verification

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0)


class Metrics:
    """The counters of one process."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "cgp_requests_total", "Requests answered", ["method", "route", "status"], registry=self._registry
        )
        self._seconds = Histogram(
            "cgp_request_seconds",
            "Seconds until the answer",
            ["method", "route"],
            registry=self._registry,
            buckets=_BUCKETS,
        )
        self._submissions = Counter(
            "cgp_submissions_total", "Submissions by outcome", ["outcome", "agrees"], registry=self._registry
        )
        self._leases = Counter(
            "cgp_leases", "What became of leases; one that nobody ends expires", ["event"], registry=self._registry
        )
        self._imported = Counter(
            "cgp_imported_conversations", "Records that came in, by result", ["result"], registry=self._registry
        )
        self._database = Gauge("cgp_database_up", "Whether the database answers", registry=self._registry)
        self._in_flight = Gauge("cgp_requests_in_flight", "Requests that are answered now", registry=self._registry)
        ProcessCollector(registry=self._registry)
        self._conversations = Gauge("cgp_conversations", "Conversations by state", ["state"], registry=self._registry)
        self._merges = Gauge("cgp_merges", "Merges since the start, by result", ["result"], registry=self._registry)

        self._searches = Gauge(
            "cgp_searches", "Queries since the start, by what answered them", ["answered_by"], registry=self._registry
        )

        self._recall = Gauge(
            "cgp_index_recall",
            "Share of the ten nearest that the index of vectors finds, as last measured",
            ["model", "narrowed"],
            registry=self._registry,
        )
        self._verified_at = Gauge(
            "cgp_index_verified_at_seconds",
            "When the recall of the index was measured, in seconds since 1970",
            ["model"],
            registry=self._registry,
        )

    def count_request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request that was answered."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def track_request(self) -> AbstractContextManager[None]:
        """Count a request as in flight while a block runs."""
        return cast(AbstractContextManager[None], self._in_flight.track_inprogress())

    def count_lease(self, event: Literal["granted", "renewed", "released", "completed"]) -> None:
        """Count what a validator did with a lease."""
        self._leases.labels(event).inc()

    def count_import(self, report: ImportReport) -> None:
        """Count the records of an import."""
        self._imported.labels("imported").inc(report.imported)
        self._imported.labels("duplicate").inc(report.duplicates)
        self._imported.labels("refused").inc(report.refused_total)

    def count_submission(self, submission: Submission, receipt: Receipt) -> None:
        """Count a submission that was stored."""
        if not receipt.is_duplicate:
            self._submissions.labels(submission.outcome, str(receipt.agrees).lower()).inc()

    def exposition(
        self,
        stats: ServerStats | None,
        *,
        merged: int,
        failures: int,
        searches: CacheCounters,
        indices: Mapping[str, Verification],
    ) -> bytes:
        """Return all numbers in the format that Prometheus reads.

        Args:
            stats: What the database holds; None where it does not answer: its numbers are left out then, for the last
                ones would look as if they were of now.
            merged: Conversations that were merged since the start.
            failures: Attempts at that which failed.
            searches: Queries that were answered from memory, and those that were not.
            indices: How much the index of each model's store found when that was last measured.
        """
        self._database.set(stats is not None)
        self._conversations.clear()
        for state, count in (stats.conversations if stats else {}).items():
            self._conversations.labels(state).set(count)
        self._merges.labels("merged").set(merged)
        self._merges.labels("failed").set(failures)
        self._searches.labels("memory").set(searches.hits)
        self._searches.labels("stores").set(searches.misses)
        self._recall.clear()
        self._verified_at.clear()
        for model, (at, health) in indices.items():
            self._verified_at.labels(model).set(at.timestamp())
            for narrowed, recall in (("no", health.recall), ("by_source", health.filtered_recall)):
                if recall is not None:
                    self._recall.labels(model, narrowed).set(recall)
        return generate_latest(self._registry)
