"""The subnet's programmatic client: an outside program sends a conversation and gets graded tags back.

In the form of what Bittensor's template calls a subnet API (`prepare`, an asynchronous call, `process_responses`):
docs/how-to/call-the-miners.md. The caller's hotkey must hold a validator permit, for miners answer nobody else.
"""

from conversation_genome.api.calling import Response
from conversation_genome.api.choosing import choose_miners
from conversation_genome.api.results import MinerReport, TaggedConversation
from conversation_genome.api.tagging import Prepared, TaggingApi

__all__ = ["MinerReport", "Prepared", "Response", "TaggedConversation", "TaggingApi", "choose_miners"]
