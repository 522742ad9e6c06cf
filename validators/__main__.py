"""`python -m validators`: reads the settings, builds the tools, runs the loop until it is told to stop."""

import asyncio
import signal
import sys
from collections.abc import Sequence
from typing import Final

import structlog

from conversation_genome.annotation import Hotkey
from conversation_genome.chain.base import Chain, Netuid
from conversation_genome.chain.loading import load_chain
from conversation_genome.client import ConversationServerClient
from conversation_genome.embedding.loading import load_embedder
from conversation_genome.engines.loading import load_engine
from conversation_genome.errors import ConversationGenomeError, InputError, SettingsError
from conversation_genome.flags import read_settings
from conversation_genome.process import configure_logging, stop_with_stdin
from conversation_genome.protocol.signing import is_hotkey, load_signer
from conversation_genome.settings import ValidatorSettings
from validators.asking import MinerCaller
from validators.loop import Validator
from validators.metrics import ValidatorMetrics
from validators.status_pages import serve_status
from validators.weight_setter import WeightSetter
from validators.window_round import WindowRound

log = structlog.get_logger(__name__)

EXIT_FAILURE: Final = 1
EXIT_BAD_INPUT: Final = 2
FLAGS: Final = {
    "--axon.port": "validator_port",
    "--axon.ip": "validator_host",
    "--server.url": "server_url",
    "--server.hotkey": "server_hotkey",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a validator and return its exit code: 0 when it was told to stop, 1 for failure, 2 for bad input."""
    try:
        settings = read_settings(
            ValidatorSettings,
            sys.argv[1:] if arguments is None else arguments,
            program="validator",
            description="Validate: lease conversations, ask miners about their windows, grade the answers, set weights.",
            flags=FLAGS,
        )
        configure_logging(settings.log_level, settings.log_format)
        asyncio.run(run(settings))
    except InputError as exc:
        sys.stderr.write(f"validator: {exc}\n")
        return EXIT_BAD_INPUT
    except ConversationGenomeError as exc:
        sys.stderr.write(f"validator: {exc}\n")
        return EXIT_FAILURE
    return 0


async def run(settings: ValidatorSettings) -> None:
    """Run a validator with these settings until SIGTERM or SIGINT.

    Raises:
        ConversationGenomeError: If something that the validator needs is missing; nothing was started.
    """
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    stop_with_stdin()
    if not is_hotkey(settings.server_hotkey):
        raise SettingsError(
            f"CGP_SERVER_HOTKEY={settings.server_hotkey!r} is not an ss58 address; ask the server's operator for it"
        )
    signer = load_signer(settings.wallet_path, settings.wallet_name, settings.wallet_hotkey)
    caller = MinerCaller(signer)
    async with ConversationServerClient(settings.server_url, signer, Hotkey(settings.server_hotkey)) as server:
        metrics = ValidatorMetrics()
        validator = _build(settings, signer.hotkey, server, caller, metrics, load_chain(settings, signer))
        async with serve_status(settings.validator_host, settings.validator_port, metrics, signer.hotkey):
            log.info("validating", hotkey=signer.hotkey, server=settings.server_url)
            await validator.run(stop)
    await caller.aclose()


def _build(
    settings: ValidatorSettings,
    hotkey: Hotkey,
    server: ConversationServerClient,
    caller: MinerCaller,
    metrics: ValidatorMetrics,
    chain: Chain,
) -> Validator:
    embedder = load_embedder(
        settings.models_path, threads=settings.embedding_threads, cache_entries=settings.embedding_cache_entries
    )
    netuid = Netuid(settings.netuid)
    return Validator(
        hotkey=hotkey,
        netuid=netuid,
        chain=chain,
        server=server,
        engine=load_engine(settings.validator_engine, embedder),
        window_round=WindowRound(
            caller=caller,
            server=server,
            embedder=embedder,
            timeout_seconds=settings.validator_timeout_seconds,
            max_tags=settings.validator_max_tags,
        ),
        weight_setter=WeightSetter(
            chain, netuid, alpha=settings.validator_ema_alpha, state_path=settings.validator_state_path
        ),
        metrics=metrics,
        miners_per_window=settings.validator_miners_per_window,
        windows_in_flight=settings.validator_windows_in_flight,
        conversations_in_flight=settings.validator_conversations_in_flight,
        poll_seconds=settings.validator_poll_seconds,
    )


if __name__ == "__main__":
    sys.exit(main())
