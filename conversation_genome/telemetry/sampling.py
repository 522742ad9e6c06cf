"""The numbers of a role's Prometheus registry as one flat table: what is sent elsewhere is what its own page shows."""

from collections.abc import Iterable
from typing import Any, Final, Protocol

LEFT_OUT: Final = ("_created", "_bucket")
"""Endings of samples that say nothing beside the others."""


class Registry(Protocol):
    """What prometheus_client calls a registry."""

    def collect(self) -> Iterable[Any]:
        """Return the metrics, each with its `samples`."""


def numbers_of(registry: Registry) -> dict[str, float]:
    """Return each number by its name, and by its labels' values where it has any: `cgp_miner_tasks_total/200`."""
    return {
        "/".join((sample.name, *sample.labels.values())): float(sample.value)
        for metric in registry.collect()
        for sample in metric.samples
        if not sample.name.endswith(LEFT_OUT)
    }
