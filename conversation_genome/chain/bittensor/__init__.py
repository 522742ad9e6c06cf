"""The Bittensor network behind the Chain protocol: the only importer of the SDK's client."""

from conversation_genome.chain.bittensor.adapter import BittensorChain

__all__ = ["BittensorChain"]
