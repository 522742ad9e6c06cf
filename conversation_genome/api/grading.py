"""From responses to graded answers: checked, unmasked, scored, and told apart from copies; as a validator does it."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from conversation_genome.annotation import GroundTruth, Hotkey, Outcome
from conversation_genome.api.calling import Response
from conversation_genome.api.results import MinerReport
from conversation_genome.conversation import Conversation, Window, WindowId
from conversation_genome.embedding.base import Embedder
from conversation_genome.errors import AnswerError, AnswerTooLargeError
from conversation_genome.protocol.messages import MinerAnswer
from conversation_genome.tasks.base import Given, ScoredAnswer, TaskType
from conversation_genome.tasks.conversation_tagging.merging import GradedAnswer
from conversation_genome.tasks.sharing import authors_of

KEPT_REASONS: Final = 5


@dataclass(frozen=True, slots=True)
class GradedResponse:
    """A response with what it holds and what that is worth."""

    response: Response
    outcome: Outcome
    detail: str = ""
    """Why there is nothing to score."""
    answer: MinerAnswer | None = None
    """Unmasked: real participants, line numbers of the whole conversation."""
    scored: ScoredAnswer | None = None

    @property
    def window_id(self) -> WindowId:
        """The window that was asked about."""
        return self.response.window_id

    @property
    def hotkey(self) -> Hotkey:
        """Who was asked."""
        return self.response.miner.hotkey


def grade_responses(
    kind: TaskType,
    conversation: Conversation,
    ground_truth: GroundTruth,
    responses: Sequence[Response],
    embedder: Embedder,
) -> list[GradedResponse]:
    """Return the responses in their order, each with its score by what its miner was shown; one never changes another's."""
    graded = [_checked(kind, conversation, one) for one in responses]
    by_window: dict[WindowId, list[int]] = defaultdict(list)
    for place, one in enumerate(graded):
        if one.answer is not None:
            by_window[one.window_id].append(place)
    for places in by_window.values():
        scores = _scores(kind, conversation, ground_truth, [graded[place] for place in places], embedder)
        for place in places:
            graded[place] = replace(graded[place], scored=scores[graded[place].hotkey])
    return graded


def merged_answers(kind: TaskType, conversation: Conversation, graded: Sequence[GradedResponse]) -> list[GradedAnswer]:
    """Return what goes into the merged record; an answer that was copied names whose it is, and counts once."""
    given: dict[str, dict[str, Given]] = defaultdict(dict)
    for one in graded:
        if one.answer is not None:
            given[one.window_id][one.hotkey] = Given(one.response.shown, one.answer, one.response.seconds)
    authors = authors_of({window_id: kind.compare(conversation, own) for window_id, own in given.items()})
    return [
        GradedAnswer(
            window_id=one.window_id,
            miner_hotkey=one.hotkey,
            score=one.scored.score,
            answer=one.answer,
            author=authors.get((one.window_id, one.hotkey), ""),
        )
        for one in graded
        if one.answer is not None and one.scored is not None
    ]


def reports_of(graded: Sequence[GradedResponse]) -> tuple[MinerReport, ...]:
    """Return how each miner fared, best first."""
    by_miner: dict[Hotkey, list[GradedResponse]] = defaultdict(list)
    for one in graded:
        by_miner[one.hotkey].append(one)
    return tuple(sorted(map(_report, by_miner.values()), key=lambda one: (-one.mean_score, one.uid)))


def _checked(kind: TaskType, conversation: Conversation, response: Response) -> GradedResponse:
    if response.outcome is not Outcome.SCORED:
        return GradedResponse(response, response.outcome, response.detail)
    try:
        answer = kind.check(response.body, response.task)
    except AnswerError as exc:
        outcome = Outcome.TOO_LARGE if isinstance(exc, AnswerTooLargeError) else Outcome.MALFORMED
        return GradedResponse(response, outcome, str(exc))
    return GradedResponse(response, Outcome.SCORED, answer=kind.unmask(answer, conversation, response.shown))


def _scores(
    kind: TaskType,
    conversation: Conversation,
    ground_truth: GroundTruth,
    answered: Sequence[GradedResponse],
    embedder: Embedder,
) -> dict[str, ScoredAnswer]:
    """Return the scores of the answers to one window by hotkey; what its editions have in common is measured once."""
    editions: dict[tuple[int, ...] | None, tuple[Window, dict[str, MinerAnswer]]] = {}
    for one in answered:
        shown = one.response.shown
        if one.answer is not None:
            editions.setdefault(shown.lines, (shown, {}))[1][one.hotkey] = one.answer
    scored: dict[str, ScoredAnswer] = {}
    for found in kind.score_editions(conversation, ground_truth, list(editions.values()), embedder):
        scored |= found
    return scored


def _report(own: Sequence[GradedResponse]) -> MinerReport:
    miner = own[0].response.miner
    faults = tuple(dict.fromkeys(one.detail for one in own if one.detail))
    praise = next((one.scored.reasons for one in own if one.scored is not None), ())
    return MinerReport(
        hotkey=miner.hotkey,
        uid=miner.uid,
        outcomes=dict(Counter(one.outcome for one in own)),
        mean_score=sum(one.scored.score for one in own if one.scored is not None) / len(own),
        reasons=(faults or praise)[:KEPT_REASONS],
    )
