"""A run as it might end, made up for the tests of the report: seven miners, two validators, 120 windows."""

import random
from pathlib import Path

from conversation_genome.annotation import Aspect, Outcome
from conversation_genome.local.summary import (
    AnswerPoint,
    ConversationCounts,
    MinerRow,
    RunSummary,
    SampleConversation,
    SampleTag,
    SearchHitRow,
    SearchShown,
    ValidatorRow,
)
from conversation_genome.quality.base import Quality
from conversation_genome.rewards.curve import divide, standing

WINDOWS = 120
SKILL = {
    "honest (deep)": (0.66, 0.11),
    "honest (light)": (0.52, 0.11),
    "copier": (0.47, 0.14),
    "stuffer": (0.21, 0.07),
    "random": (0.05, 0.03),
}
KINDS = (*SKILL, "slow", "malformed")


def _points() -> list[list[AnswerPoint]]:
    chance = random.Random(7)
    rounds = []
    for window in range(WINDOWS):
        scores = [min(1.0, max(0.0, chance.gauss(*SKILL[kind]))) if kind in SKILL else 0.0 for kind in KINDS]
        pairs = zip(KINDS, scores, standing(scores), divide(scores), strict=True)
        rounds.append([AnswerPoint(kind=k, score=s, standing=z, reward=r, window=str(window)) for k, s, z, r in pairs])
    return rounds


def _sample(title: str, source: str, lines: int, people: int, boring: float, *tags: str) -> SampleConversation:
    chance = random.Random(title)
    return SampleConversation(
        id=title[:12],
        title=title,
        source=source,
        lines=lines,
        participants=people,
        tags=tuple(
            SampleTag(text=text, aspect=Aspect.TOPIC, weight=0.9 - 0.06 * place, support=max(1, 4 - place // 3))
            for place, text in enumerate(tags)
        ),
        quality=Quality(
            relevance=chance.uniform(0.6, 0.9),
            engagement=chance.uniform(0.6, 0.9),
            novelty=chance.uniform(0.7, 1),
            coherence=chance.uniform(0.5, 0.9),
            fluency=chance.uniform(0.8, 1),
            boring_index=boring,
            lines=tuple(min(1.0, max(0.05, chance.gauss(0.65, 0.18))) for _ in range(lines)),
        ),
    )


def run_summary() -> RunSummary:
    rounds = _points()
    points = [point for answers in rounds for point in answers]
    total = sum(point.reward or 0.0 for point in points)
    rows = []
    for uid, kind in enumerate(KINDS, start=2):
        own = [point for point in points if point.kind == kind]
        share = sum(point.reward or 0.0 for point in own) / total
        rows.append(
            MinerRow(
                uid=uid,
                hotkey=f"5{kind.upper().encode().hex()}Made1up2Key",
                kind=kind,
                answers=WINDOWS,
                mean_score=sum(point.score for point in own) / WINDOWS,
                reward_share=share,
                incentive=share,
            )
        )
    return RunSummary(
        seconds=48.4,
        conversations=ConversationCounts(total=18, complete=18),
        windows=WINDOWS,
        answers={Outcome.SCORED: 5 * WINDOWS, Outcome.LATE: WINDOWS, Outcome.MALFORMED: WINDOWS},
        miners=tuple(sorted(rows, key=lambda row: -row.reward_share)),
        validators=(
            ValidatorRow(uid=0, hotkey="5ValidatorA1b2c3", stake=1000, dividends=0.5, conversations=10, answers=462),
            ValidatorRow(uid=1, hotkey="5ValidatorB1b2c3", stake=1000, dividends=0.5, conversations=8, answers=378),
        ),
        points=tuple(points),
        samples=(
            _sample(
                "The night the sourdough starter escaped: I came down and it had lifted the lid and eaten the shelf.",
                "podcast",
                148,
                3,
                0.21,
                *("sourdough baking", "fermentation", "kitchen disasters", "flour and water", "grandmother's recipes"),
                *("hydration", "bread ovens", "Naples", "patience"),
            ),
            _sample(
                "has anyone actually landed at Paro airport? they say eight pilots in the world may",
                "discord",
                64,
                6,
                0.34,
                *(
                    "mountain airports",
                    "Bhutan",
                    "commercial pilots",
                    "landing approaches",
                    "fear of flying",
                    "Himalaya",
                ),
            ),
            _sample(
                "Unsere Ruderer sind Rentner, aber sie gewinnen jede Regatta. <script>alert('x')</script>",
                "chat",
                22,
                2,
                0.52,
                *("Rudern", "regatta", "retirement", "training in winter", "team spirit"),
            ),
        ),
        search=SearchShown(
            query="how do people bake at home",
            hits=(
                SearchHitRow(
                    conversation_id="podcast-sourdough",
                    snippet="I feed it at six, before the dog, and by nine the whole kitchen smells of apples.",
                    tags=("sourdough baking", "fermentation", "bread ovens"),
                    score=0.81,
                ),
                SearchHitRow(
                    conversation_id="chat-pizza-oven",
                    snippet="We built the oven out of bricks from the old school, it takes four hours to heat.",
                    tags=("pizza ovens", "bricklaying", "neighbours"),
                    score=0.64,
                ),
                SearchHitRow(
                    conversation_id="youtube-physics-of-dough",
                    snippet="so gluten is really just two proteins that hold hands once water comes along",
                    tags=("gluten", "food chemistry"),
                    score=0.58,
                ),
            ),
            seconds=0.011,
        ),
        paths={
            name: Path("local-subnet") / file
            for name, file in {
                "database": "server.sqlite",
                "vector_store": "vectors",
                "dataset": "dataset",
                "report": "report.html",
                "summary": "summary.json",
                "ledger": "ledger.sqlite",
                "logs": "logs",
            }.items()
        },
        version="0.1.0",
    )
