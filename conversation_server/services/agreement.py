"""Agreement: how far two validators who graded the same conversation say the same.

Shown to the operator, and used for nothing else: validators ask different miners and may run different engines.
"""

import math
from collections.abc import Mapping, Sequence
from itertools import combinations

from conversation_genome.annotation import GroundTruth, Outcome
from conversation_genome.embedding.base import Embedder
from conversation_genome.scoring.similarity import VectorTable, cosines
from conversation_server.db.leases import HeldLease
from conversation_server.db.models import AgreementRow
from conversation_server.db.submissions import Answered

Graded = tuple[str, str]
"""A window's id and a miner's hotkey."""


def agreements_between(
    leases: Sequence[HeldLease],
    truths: Mapping[str, GroundTruth],
    answers: Sequence[Answered],
    embedder: Embedder,
) -> list[AgreementRow]:
    """Return the agreement of each pair of validators; blocks.

    Args:
        leases: The completed leases of one conversation.
        truths: What was held true, by the lease's id.
        answers: All answers under these leases.
        embedder: Makes the vectors of the tags.
    """
    scores = {lease.id: _scores(lease.id, answers) for lease in leases}
    return [_agreement(first, second, truths, scores, embedder) for first, second in combinations(leases, 2)]


def tag_agreement(first: Sequence[str], second: Sequence[str], embedder: Embedder) -> float:
    """Return how alike two sets of tags are: the mean cosine of each tag to the closest of the other set, in [0, 1].

    Both ways, and the mean of the two, as in BERTScore (Zhang et al., ICLR 2020, section 3). Two empty sets are alike.
    """
    if not first or not second:
        return float(not first and not second)
    texts = list(dict.fromkeys([*first, *second]))
    table = VectorTable(texts, embedder.embed(texts))
    found = cosines(table.of(first), table.of(second))
    return max(0.0, float(found.max(axis=1).mean() + found.max(axis=0).mean()) / 2)


def _agreement(
    first: HeldLease,
    second: HeldLease,
    truths: Mapping[str, GroundTruth],
    scores: Mapping[str, Mapping[Graded, float]],
    embedder: Embedder,
) -> AgreementRow:
    both = scores[first.id].keys() & scores[second.id].keys()
    apart = math.fsum(abs(scores[first.id][one] - scores[second.id][one]) for one in both)
    return AgreementRow(
        first=first.id,
        second=second.id,
        conversation=first.conversation,
        first_holder=first.holder,
        second_holder=second.holder,
        tags=tag_agreement(_tags(truths[first.id]), _tags(truths[second.id]), embedder),
        scores=apart / len(both) if both else None,
        answers=len(both),
    )


def _scores(lease: str, answers: Sequence[Answered]) -> dict[Graded, float]:
    return {
        (one.window_id, one.miner_hotkey): one.score
        for one in answers
        if one.lease == lease and one.outcome == Outcome.SCORED
    }


def _tags(truth: GroundTruth) -> list[str]:
    return list(dict.fromkeys(tag.text for tag in truth.tags))
