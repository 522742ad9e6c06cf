"""The typed clients: of the conversation server for validators, miners and the administrator, and of miners for who asks them."""

from conversation_genome.client.administration import AdminClient
from conversation_genome.client.mining import MinerClient
from conversation_genome.client.validation import ConversationServerClient

__all__ = ["AdminClient", "ConversationServerClient", "MinerClient"]
