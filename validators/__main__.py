"""`python -m validators`: reads the settings, builds the tools, runs the loop until it is told to stop."""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from typing import Final

import structlog

from conversation_genome.annotation import Hotkey
from conversation_genome.chain.base import Chain, Netuid
from conversation_genome.chain.loading import load_chain
from conversation_genome.client import ConversationServerClient
from conversation_genome.client.miners import MinerCaller
from conversation_genome.conversation import Conversation, ConversationId, Utterance
from conversation_genome.embedding.base import Embedder
from conversation_genome.embedding.loading import load_embedder
from conversation_genome.embedding.work import logged_work
from conversation_genome.engines.base import Engine
from conversation_genome.engines.loading import load_engine
from conversation_genome.errors import SettingsError
from conversation_genome.preflight.address_checks import is_public
from conversation_genome.protocol.signing import Signer, is_hotkey, load_signer
from conversation_genome.role import run_async, run_role
from conversation_genome.settings import ValidatorSettings
from conversation_genome.telemetry import late_scores, reporting
from validators.choosing import Chooser
from validators.grading import Grader
from validators.loop import Validator
from validators.metrics import ValidatorMetrics
from validators.neighbours import Neighbours
from validators.service_manager import notifier
from validators.status_pages import serve_status
from validators.store import held_alone
from validators.stretch import StretchPlayer
from validators.watchdog import Watchdog
from validators.weight_setter import WeightSetter
from validators.window_round import WindowRound

log = structlog.get_logger(__name__)

_FIRST_CONVERSATION: Final = Conversation(
    id=ConversationId("first"),
    participants=("SPEAKER_0", "SPEAKER_1"),
    lines=(
        Utterance(speaker=0, text="Which boots do you take to the mountains?"),
        Utterance(speaker=1, text="Old leather boots, and dry socks for the hut."),
    ),
)
DESCRIPTION: Final = "Validate: lease conversations, ask miners about their windows, grade the answers, set weights."
FLAGS: Final = {
    "--axon.port": "validator_port",
    "--axon.ip": "validator_host",
    "--server.url": "server_url",
    "--server.hotkey": "server_hotkey",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a validator and return its exit code."""
    return run_role(ValidatorSettings, run, arguments, program="validator", description=DESCRIPTION, flags=FLAGS)


def run(settings: ValidatorSettings) -> None:
    """Validate until the process is told to stop.

    Raises:
        SettingsError: If a setting is wrong, or the port is taken.
        ChainError: If the chain cannot be read.
        ModelUnavailableError: If the embedding model is not there.
    """
    if not is_hotkey(settings.server_hotkey):
        raise SettingsError(
            f"CGP_SERVER_HOTKEY={settings.server_hotkey!r} is not an ss58 address; ask the server's operator for it"
        )
    signer = load_signer(settings.wallet_path, settings.wallet_name, settings.wallet_hotkey)
    chain = load_chain(settings, signer)
    embedder = load_embedder(
        settings.models_path, threads=settings.embedding_threads, cache_entries=settings.embedding_cache_entries
    )
    engine = load_engine(settings.validator_engine, embedder, settings, is_gated=True)
    engine.annotate(_FIRST_CONVERSATION)  # its models are loaded now, not while the first lease runs
    with held_alone(settings.validator_state_path), logged_work(embedder):
        run_async(validate(settings, signer, chain, embedder, engine))


async def validate(
    settings: ValidatorSettings, signer: Signer, chain: Chain, embedder: Embedder, engine: Engine
) -> None:
    """Validate with these tools until this process is told to stop."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, _stop, stop, number)
    caller = MinerCaller(signer, public_only=is_public(settings.subtensor_network))
    metrics = ValidatorMetrics()
    async with ConversationServerClient(settings.server_url, signer, Hotkey(settings.server_hotkey)) as server:
        validator = build(settings, signer.hotkey, server, caller, metrics, chain, embedder, engine)
        status = serve_status(settings.validator_host, settings.validator_port, metrics, signer.hotkey)
        earned = late_scores(validator.earnings, delay_epochs=settings.validator_score_delay_epochs)
        async with status, reporting(settings, "validator", metrics.registry, more=earned):
            log.info("validating", hotkey=signer.hotkey, server=settings.server_url)
            await validator.run(stop)
    await caller.aclose()


def _stop(stop: asyncio.Event, number: int) -> None:
    """Stop in good order at the first signal, and at once at the second: what counts is on the disk."""
    if stop.is_set():
        os._exit(128 + number)
    stop.set()


def build(
    settings: ValidatorSettings,
    hotkey: Hotkey,
    server: ConversationServerClient,
    caller: MinerCaller,
    metrics: ValidatorMetrics,
    chain: Chain,
    embedder: Embedder,
    engine: Engine,
) -> Validator:
    """Return the validator of the settings, made of these tools."""
    netuid = Netuid(settings.netuid)
    setter = WeightSetter(
        chain,
        netuid,
        alpha=settings.validator_ema_alpha,
        state_path=settings.validator_state_path,
        held_windows=settings.validator_held_windows,
        hotkey=hotkey,
        metrics=metrics,
    )
    window_round = WindowRound(
        caller=caller,
        server=server,
        embedder=embedder,
        timeout_seconds=settings.validator_timeout_seconds,
        max_tags=settings.validator_max_tags,
        miners_per_window=settings.validator_miners_per_window,
        reward_curve=settings.validator_reward_curve,
        varied_share=settings.validator_varied_share,
        record=setter.memory,
        secret=setter.memory.secret(),
        metrics=metrics,
    )
    player = StretchPlayer(
        window_round,
        steps_in_flight=settings.validator_windows_in_flight,
        prompt_seconds=settings.validator_timeout_seconds / 2,
        seconds=setter.state.seconds,
    )
    grader = Grader(
        server=server,
        engine=engine,
        neighbours=Neighbours(chain, netuid),
        chooser=Chooser(hotkey, miners_per_window=settings.validator_miners_per_window),
        memory=setter.memory,
        player=player,
        window_round=window_round,
        metrics=metrics,
    )
    return Validator(
        server=server,
        grader=grader,
        weight_setter=setter,
        metrics=metrics,
        watchdog=Watchdog(step_seconds=settings.validator_step_seconds, metrics=metrics, notify=notifier(os.environ)),
        conversations_in_flight=settings.validator_conversations_in_flight,
        poll_seconds=settings.validator_poll_seconds,
        stop_seconds=settings.validator_stop_seconds,
    )


if __name__ == "__main__":
    sys.exit(main())
