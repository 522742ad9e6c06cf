"""Which chain a role's settings mean."""

from conversation_genome.chain.base import Chain
from conversation_genome.chain.ledger import LocalLedger
from conversation_genome.errors import ChainError
from conversation_genome.protocol.signing import Signer
from conversation_genome.settings import RoleSettings

LOCAL = "local"


def load_chain(settings: RoleSettings, signer: Signer | None) -> Chain:
    """Return the chain of the settings, acting as the signer; without one for reading alone.

    Raises:
        ChainError: If the network is not supported, or the local ledger is not there.
    """
    if settings.subtensor_network != LOCAL:
        raise ChainError(
            f"network {settings.subtensor_network!r} is not supported by this version: "
            f"set CGP_SUBTENSOR_NETWORK={LOCAL} (or --subtensor.network {LOCAL}) for the ledger on this machine"
        )
    return LocalLedger(settings.ledger_path, signer.hotkey if signer else None)
