"""The typed client of the conversation server: one class for validators, one for miners, one for the administrator."""

from conversation_genome.client.administration import AdminClient
from conversation_genome.client.mining import MinerClient
from conversation_genome.client.validation import ConversationServerClient

__all__ = ["AdminClient", "ConversationServerClient", "MinerClient"]
