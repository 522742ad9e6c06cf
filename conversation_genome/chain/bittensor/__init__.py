"""The Bittensor network behind the Chain protocol: the only importer of the SDK's client."""

from conversation_genome.chain.bittensor.adapter import BittensorChain
from conversation_genome.chain.bittensor.connection import endpoints_of
from conversation_genome.chain.bittensor.probing import BlockTime, Probe, why_silent

__all__ = ["BittensorChain", "BlockTime", "Probe", "endpoints_of", "why_silent"]
