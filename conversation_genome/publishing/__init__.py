"""The dataset: merged records as Parquet tables with a card, whole or not there; pushed to a hub, mirrored to Firebase."""

from conversation_genome.publishing.dataset import write_dataset
from conversation_genome.publishing.masking import discreet_record, masked_record
from conversation_genome.publishing.publication import Publication

__all__ = ["Publication", "discreet_record", "masked_record", "write_dataset"]
