"""`python -m miner`: reads the settings, publishes the endpoint on chain, serves until it is told to stop."""

import asyncio
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from functools import partial
from typing import Final

import structlog
from fastapi import FastAPI

from conversation_genome.annotation import Hotkey
from conversation_genome.chain.admission import Admission
from conversation_genome.chain.base import Chain, Endpoint, Netuid
from conversation_genome.chain.loading import LOCAL, load_chain
from conversation_genome.errors import SettingsError
from conversation_genome.process import bound_socket
from conversation_genome.protocol.signing import MemoryNonceStore, load_signer
from conversation_genome.role import WebServer, read_settings, run_async, run_role, serve_beside
from conversation_genome.settings import MinerSettings
from conversation_genome.telemetry import reporting
from miner.behaviours import load_behaviour
from miner.dashboard import add_dashboard
from miner.metrics import MinerMetrics, metrics_app
from miner.reloading import Reloading
from miner.service import MinerService
from miner.standing import ScoreReader

DESCRIPTION: Final = "Serve as a miner: read conversation windows that validators send, answer with tags and profiles."
FLAGS: Final = {"--axon.port": "miner_port", "--axon.external_ip": "miner_external_host"}
MAX_CONNECTIONS: Final = 1_024
KEEPALIVE_SECONDS: Final = 30
STOP_SECONDS: Final = 3
"""What tasks in the making have to end once the miner is told to stop."""
REFRESH_SECONDS: Final = 12.0
"""A block of the real chain."""
_ANY_ADDRESS: Final = ("0.0.0.0", "::", "")
_logger = structlog.get_logger("miner")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a miner and return its exit code."""
    given = sys.argv[1:] if arguments is None else arguments

    def reread() -> MinerSettings:
        return read_settings(MinerSettings, given, program="miner", description=DESCRIPTION, flags=FLAGS)

    return run_role(
        MinerSettings, partial(run, reread=reread), given, program="miner", description=DESCRIPTION, flags=FLAGS
    )


def run(settings: MinerSettings, *, reread: Callable[[], MinerSettings]) -> None:
    """Serve until the process is told to stop.

    Args:
        settings: The settings.
        reread: Reads them again.

    Raises:
        SettingsError: If a setting does not fit the others, or the port is taken.
        ChainError: If the chain cannot be read or refuses the endpoint.
        ModelUnavailableError: If the models are not there.
    """
    signer = load_signer(settings.wallet_path, settings.wallet_name, settings.wallet_hotkey)
    chain, netuid = load_chain(settings, signer), Netuid(settings.netuid)
    admission = Admission(chain, netuid, max_age_seconds=settings.metagraph_max_age_seconds)
    admission.refresh()
    metrics = MinerMetrics()
    with bound_socket(settings.miner_host, settings.miner_port) as listener:
        endpoint = _endpoint(settings, listener.getsockname()[1])
        behaviour = load_behaviour(settings, signer.hotkey)
        service = MinerService(
            signer.hotkey,
            admission=admission,
            nonces=MemoryNonceStore(),
            behaviour=behaviour,
            min_stake=settings.miner_min_stake,
            room=settings.miner_queue,
            metrics=metrics,
        )
        listener.listen(MAX_CONNECTIONS)
        _publish(chain, netuid, signer.hotkey, endpoint, admission)
        _logger.info("Serving", url=endpoint.url, hotkey=signer.hotkey, behaviour=settings.miner_behaviour)
        admission.start(min(REFRESH_SECONDS, settings.metagraph_max_age_seconds / 3))
        reloading = Reloading(settings, reread, service=service, behaviour=behaviour)
        pages = metrics_app(metrics)
        scores = ScoreReader(signer, url=settings.miner_server_url, server_hotkey=settings.miner_server_hotkey)
        add_dashboard(
            pages,
            hotkey=signer.hotkey,
            service=service,
            admission=admission,
            settings=lambda: reloading.settings,
            scores=scores.scores,
        )
        run_async(_serve(service, listener, settings, pages, reloading, metrics))


async def _serve(
    service: MinerService,
    listener: socket.socket,
    settings: MinerSettings,
    pages: FastAPI,
    reloading: Reloading,
    metrics: MinerMetrics,
) -> None:
    server = WebServer(
        service.app(), stop_seconds=STOP_SECONDS, keepalive_seconds=KEEPALIVE_SECONDS, max_connections=MAX_CONNECTIONS
    )
    jobs: set[asyncio.Task[None]] = set()

    def reload() -> None:
        job = asyncio.create_task(reloading.reload())
        jobs.add(job)
        job.add_done_callback(jobs.discard)

    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, reload)
    try:
        async with AsyncExitStack() as stack:
            if settings.miner_metrics_port is not None:
                page = serve_beside(pages, settings.miner_metrics_host, settings.miner_metrics_port)
                await stack.enter_async_context(page)
            await stack.enter_async_context(reporting(settings, "miner", metrics.registry))
            await server.serve(sockets=[listener])
    finally:
        service.close()


def _endpoint(settings: MinerSettings, port: int) -> Endpoint:
    host = settings.miner_external_host or settings.miner_host
    if host in _ANY_ADDRESS:
        if settings.subtensor_network != LOCAL:
            raise SettingsError(
                f"CGP_MINER_HOST={settings.miner_host!r} is no address that validators can reach: "
                "set CGP_MINER_EXTERNAL_HOST (or --axon.external_ip) to the public one"
            )
        host = "127.0.0.1"
    return Endpoint(host=host, port=port)


def _publish(chain: Chain, netuid: Netuid, hotkey: Hotkey, endpoint: Endpoint, admission: Admission) -> None:
    neuron = admission.metagraph().by_hotkey.get(hotkey)
    if neuron is None or neuron.endpoint != endpoint:
        chain.serve(netuid, endpoint)
        admission.refresh()


if __name__ == "__main__":
    sys.exit(main())
