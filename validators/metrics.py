"""What a validator counts; read at `GET /metrics`. No label tells which miner or conversation: logs do."""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

_BUCKETS: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


class ValidatorMetrics:
    """Counters of one validator, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.windows = self._counter("windows_graded", "Windows graded and handed in")
        self.conversations = self._counter("conversations_completed", "Conversations completed")
        self.weights_set = self._counter("weights_set", "Times that weights were set")
        self.failures = self._counter("failures", "Unforeseen failures; each is logged with its traceback")
        self.disagreements = self._counter("disagreements", "Answers that the server scored otherwise")
        self.weights_refused = self._counter("weights_refused", "Times that weights could not be set, by code", "code")
        self.waits = self._counter("waits", "Times that work was put off, by the error's code", "code")
        self.releases = self._counter("leases_released", "Leases given back")
        self.overdue = self._counter("steps_overdue", "Steps broken off for want of progress", "step")
        self.weights_set_at = Gauge(
            "cgp_validator_weights_set_at_seconds", "When weights were last set (Unix)", registry=self.registry
        )
        self.leases = Gauge("cgp_validator_leases", "Conversations under lease now", registry=self.registry)
        self._answers = self._counter("answers", "Miners' answers by outcome", "outcome")
        self._seconds = Histogram(
            "cgp_validator_answer_seconds", "Seconds until a miner's answer", registry=self.registry, buckets=_BUCKETS
        )
        ProcessCollector(registry=self.registry)

    def count_answer(self, outcome: str, seconds: float) -> None:
        """Count what came of asking a miner."""
        self._answers.labels(outcome).inc()
        self._seconds.observe(seconds)

    def _counter(self, name: str, description: str, *labels: str) -> Counter:
        return Counter(f"cgp_validator_{name}", description, labels, registry=self.registry)
