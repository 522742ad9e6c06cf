"""Copies: which answers to one window were taken from another miner's, told by what each miner was shown.

Likeness alone proves nothing: two operators who run one engine on one text answer alike. So miners are shown
the same window with different lines left out, and an answer that names what only another miner was shown
was made from the other's task. Pure: texts and line numbers come in, findings go out.
"""

from conversation_genome.scoring.copies.clusters import Cluster, clusters_of, sources_of
from conversation_genome.scoring.copies.evidence import THRESHOLD, CopyEvidence, Statement, compare
from conversation_genome.scoring.copies.marks import roots
from conversation_genome.scoring.copies.memory import CopyMemory, PairSums

__all__ = [
    "THRESHOLD",
    "Cluster",
    "CopyEvidence",
    "CopyMemory",
    "PairSums",
    "Statement",
    "clusters_of",
    "compare",
    "roots",
    "sources_of",
]
