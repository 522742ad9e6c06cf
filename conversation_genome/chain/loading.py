"""Which chain a role's settings mean."""

from conversation_genome.chain.bittensor import BittensorChain
from conversation_genome.chain.ledger import LocalLedger
from conversation_genome.protocol.signing import Signer
from conversation_genome.settings import RoleSettings, ValidatorSettings

LOCAL = "local"


def load_chain(settings: RoleSettings, signer: Signer | None) -> LocalLedger | BittensorChain:
    """Return the chain of the settings, acting as the signer; without one for reading alone.

    Raises:
        ChainError: If there is no such network, or the local ledger is not there.
    """
    if settings.subtensor_network == LOCAL:
        return LocalLedger(settings.ledger_path, signer.hotkey if signer else None)
    return BittensorChain(
        settings.subtensor_network,
        signer,
        fallback_endpoints=fallback_endpoints(settings),
        max_age_seconds=settings.metagraph_max_age_seconds,
        burn_rate=settings.validator_burn_rate if isinstance(settings, ValidatorSettings) else 0.0,
    )


def fallback_endpoints(settings: RoleSettings) -> tuple[str, ...]:
    """Return the URLs that the settings name beside the first; none for those that the SDK knows."""
    urls = (url.strip() for url in settings.subtensor_fallback_endpoints.split(","))
    return tuple(url for url in urls if url)
