"""Traces by OpenTelemetry, where CGP_OTLP_ENDPOINT names a collector; without one a span costs nothing.

The only module that imports opentelemetry, which the extra `otlp` installs.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, Protocol

from conversation_genome import __version__
from conversation_genome.errors import SettingsError

TRACES_PATH: Final = "/v1/traces"
EXPORT_SECONDS: Final = 5.0
"""What the collector has to take a batch; also how long it can hold up the end of a process."""


class Span(Protocol):
    """A piece of work that is being timed."""

    def set_attribute(self, key: str, value: str | int) -> None:
        """Say something about it."""


class _NoSpan:
    """Stands for a span while nothing is traced."""

    def set_attribute(self, key: str, value: str | int) -> None:
        """Do nothing."""


_NO_SPAN: Final = _NoSpan()
_tracers: list[Any] = []
"""The tracer of this process; empty while nothing is traced."""


@contextmanager
def tracing(endpoint: str, role: str) -> Iterator[None]:
    """Send the spans of this process to a collector while the block runs; an empty endpoint sends nothing.

    A collector that is away loses spans and holds nothing up.

    Args:
        endpoint: Where the collector takes OTLP over HTTP, such as `http://127.0.0.1:4318`.
        role: What the process is.

    Raises:
        SettingsError: If the endpoint is no address, or the extra `otlp` is not installed.
    """
    if not endpoint:
        yield
        return
    if not endpoint.startswith(("http://", "https://")):
        raise SettingsError(f"CGP_OTLP_ENDPOINT is {endpoint!r}: give an address such as http://127.0.0.1:4318")
    provider = _provider(endpoint, role)
    _tracers.append(provider.get_tracer("conversation_genome", __version__))
    try:
        yield
    finally:
        _tracers.clear()
        provider.shutdown()


@contextmanager
def span(name: str, parent: Mapping[str, str] | None = None, **attributes: str | int) -> Iterator[Span]:
    """Time a block as a span of this process.

    Args:
        name: What is done, never with an id in it.
        parent: Headers of the request that asked for it, which may name the caller's span.
        attributes: What is known of it; a dot is written as two underscores.
    """
    if not _tracers:
        yield _NO_SPAN
        return
    from opentelemetry.propagate import extract  # noqa: PLC0415 - an extra

    context = None if parent is None else extract(parent)
    named = {key.replace("__", "."): value for key, value in attributes.items()}
    with _tracers[0].start_as_current_span(name, context=context, attributes=named) as current:
        yield current


def trace_headers() -> dict[str, str]:
    """Return the headers that tell the other side of a request which span it belongs to."""
    headers: dict[str, str] = {}
    if _tracers:
        from opentelemetry.propagate import inject  # noqa: PLC0415 - an extra

        inject(headers)
    return headers


def _provider(endpoint: str, role: str) -> Any:
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 - an extra
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    except ImportError as exc:
        raise SettingsError(
            "CGP_OTLP_ENDPOINT is set, but OpenTelemetry is not installed: pip install 'conversation-genome[otlp]', "
            "or leave it empty"
        ) from exc
    resource = Resource({"service.name": f"cgp-{role}", "service.version": __version__})
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    exporter = OTLPSpanExporter(endpoint=endpoint.rstrip("/") + TRACES_PATH, timeout=EXPORT_SECONDS)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider
