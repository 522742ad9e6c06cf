"""Tag a conversation through the miners of a subnet, from a program of your own.

    bash run_local.sh --keep                                        # in another terminal: a subnet on this machine
    .venv/bin/python examples/tag_through_miners.py --subnet local-subnet examples/conversations/chat-antarctic-night-shift.txt

Without --subnet the settings of the environment and .env decide the network and the wallet (CGP_SUBTENSOR_NETWORK,
CGP_NETUID, CGP_WALLET_NAME, ...): on a public network miners answer a hotkey that holds a validator permit.
"""

import argparse
import asyncio
import sys
from pathlib import Path

from conversation_genome.api import TaggedConversation, TaggingApi, choose_miners
from conversation_genome.chain.base import Netuid
from conversation_genome.chain.loading import load_chain
from conversation_genome.embedding.loading import load_embedder
from conversation_genome.errors import ConversationGenomeError
from conversation_genome.preflight.address_checks import is_public
from conversation_genome.protocol.signing import load_signer
from conversation_genome.settings import RoleSettings, load_settings
from conversation_genome.sources.registry import read_source


def settings_of(folder: Path | None) -> RoleSettings:
    """Return the settings that name the chain and the wallet: those of a local subnet's folder, or the user's own."""
    if folder is None:
        return load_settings(RoleSettings)
    return load_settings(
        RoleSettings,
        subtensor_network="local",
        netuid=1,
        ledger_path=folder / "ledger.sqlite",
        wallet_path=folder / "wallets",
        wallet_name="local",
        wallet_hotkey="validator-0",
    )


async def tag(file: Path, settings: RoleSettings, count: int, seconds: float) -> TaggedConversation:
    """Return the first conversation of a file with what the best-paid miners say of it."""
    signer = load_signer(settings.wallet_path, settings.wallet_name, settings.wallet_hotkey)
    metagraph = load_chain(settings, signer).metagraph(Netuid(settings.netuid))
    miners = choose_miners(metagraph, count=count, by="incentive")
    embedder, public_only = load_embedder(settings.models_path), is_public(settings.subtensor_network)
    async with TaggingApi(signer, embedder, timeout_seconds=seconds, public_only=public_only) as api:
        return await api(next(read_source(file)), miners)


def show(tagged: TaggedConversation) -> None:
    """Print the tags and how the miners fared."""
    for one in tagged.tags:
        print(f"{one.weight:.2f}  {one.text:<32}  said by {one.support} of {len(tagged.miners)}")
    for miner in tagged.miners:
        outcomes = ", ".join(f"{count} {outcome.value}" for outcome, count in sorted(miner.outcomes.items()))
        print(f"uid {miner.uid:>3}  mean score {miner.mean_score:.2f}  {outcomes}")


def main() -> int:
    """Run, and return the exit code."""
    parser = argparse.ArgumentParser(description="Tag a conversation through the miners of a subnet.")
    parser.add_argument("file", type=Path, help="a conversation in any format that `cgp import` reads")
    parser.add_argument("--subnet", type=Path, default=None, help="folder of a local subnet, such as local-subnet")
    parser.add_argument("--miners", type=int, default=7, help="how many are asked (default: 7)")
    parser.add_argument("--seconds", type=float, default=12.0, help="what each has for one window (default: 12)")
    given = parser.parse_args()
    try:
        show(asyncio.run(tag(given.file, settings_of(given.subnet), given.miners, given.seconds)))
    except ConversationGenomeError as exc:
        sys.stderr.write(f"{parser.prog}: {exc}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
