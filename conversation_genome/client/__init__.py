"""The typed client of the conversation server: one class for validators, one for the administrator."""

from conversation_genome.client.administration import AdminClient
from conversation_genome.client.validation import ConversationServerClient

__all__ = ["AdminClient", "ConversationServerClient"]
