"""What tests share of the real thing: the conversations that ship, and the embedding model."""

from functools import cache

from conversation_genome.conversation import Conversation
from conversation_genome.embedding.by_language import ByLanguage
from conversation_genome.embedding.export import export_model
from conversation_genome.embedding.loading import load_embedder
from conversation_genome.settings import RoleSettings, load_settings
from conversation_genome.sources.registry import read_source
from tests_ap.environment import ROOT

EXAMPLES = ROOT / "examples" / "conversations"


@cache
def example_conversation(name: str) -> Conversation:
    """Return the conversation of a file that ships."""
    return next(read_source(EXAMPLES / name))


@cache
def ready_embedder() -> ByLanguage:
    """Return the real embedders by language; the default model is exported first where that was not done yet."""
    models_path = load_settings(RoleSettings).models_path
    export_model(models_path)
    return load_embedder(models_path)
