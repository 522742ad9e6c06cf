"""What a validator counts; read at `GET /metrics`, and in short at `GET /healthz`."""

from prometheus_client import CollectorRegistry, Counter


class ValidatorMetrics:
    """Counters of one validator, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.windows = self._counter("windows_graded", "Windows graded and handed in")
        self.conversations = self._counter("conversations_completed", "Conversations completed")
        self.weights_set = self._counter("weights_set", "Times that weights were set")
        self.failures = self._counter("failures", "Unforeseen failures; each is logged with its traceback")

    def _counter(self, name: str, description: str) -> Counter:
        return Counter(f"cgp_validator_{name}", description, registry=self.registry)
