"""How often spoiling a talk lowers the dimension that it hits: `python -m benchmarks.quality.perturbations`.

Needs the data sets in the folder that --data names.
"""

import argparse
import random
import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from benchmarks.quality.perturb import PERTURBATIONS
from conversation_genome.conversation import Conversation
from conversation_genome.embedding.base import Embedder
from conversation_genome.embedding.loading import load_embedder
from conversation_genome.quality import assess
from conversation_genome.settings import RoleSettings, load_settings
from conversation_genome.sources.jsonl import read_conversations

ROOT = Path(__file__).resolve().parents[2]
SETS = {
    "chat_topicalchat": 60,
    "segmentation_tiage": 60,
    "segmentation_sgd": 60,
    "segmentation_stitched": 60,
    "profiles_spc": 60,
    "profiles_casino": 250,
    "task_taskmaster4": 250,
    "meetings_qmsum": 12,
    "podcast_changelog": 12,
    "captions_changelog": 12,
    "chat_irc_ubuntu": 12,
    "profiles_realpersona_ja": 40,
}
MAX_LINES = 150
OTHER_SETS = ", other sets"
COLUMNS = (*PERTURBATIONS, f"foreign lines{OTHER_SETS}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--sets", nargs="*", default=list(SETS))
    parser.add_argument("--talks", type=int, default=60, help="at most so many a set")
    parser.add_argument("--skip", type=int, default=0, help="how many talks of a set to leave out first")
    parser.add_argument("--draws", type=int, default=1, help="how often each talk is spoilt in each way")
    parser.add_argument("--only", choices=COLUMNS, nargs="*", default=COLUMNS, help="ways to spoil a talk")
    parser.add_argument("--held-out", action="store_true", help="every other talk: those that no table was counted on")
    parser.add_argument("--lines", type=int, default=MAX_LINES, help="how many lines of a talk are taken")
    arguments = parser.parse_args()
    embedder = load_embedder(load_settings(RoleSettings).models_path, threads=2)
    print(f"{'set':26}{'talks':>6}" + "".join(f"{name:>20}" for name in arguments.only) + f"{'seconds':>9}")
    totals: dict[str, list[float]] = {name: [] for name in arguments.only}
    sets = {
        name: _talks(
            arguments.data / f"{name}.jsonl",
            arguments.skip + arguments.held_out,
            step=1 + arguments.held_out,
            count=min(SETS[name], arguments.talks),
            lines=arguments.lines,
        )
        for name in arguments.sets
    }
    for name, talks in sets.items():
        started = time.perf_counter()
        strangers = [talk for other, some in sets.items() if other != name for talk in some]
        shares = {
            key: _share(key, talks, strangers if key.endswith(OTHER_SETS) else talks, arguments.draws, embedder)
            for key in arguments.only
        }
        for key, share in shares.items():
            totals[key].append(share)
        print(
            f"{name:26}{len(talks):6}"
            + "".join(f"{share:20.3f}" for share in shares.values())
            + f"{time.perf_counter() - started:9.1f}",
            flush=True,
        )
    print(f"{'mean of the sets':32}" + "".join(f"{sum(values) / len(values):20.3f}" for values in totals.values()))


def _talks(path: Path, skip: int, *, step: int, count: int, lines: int) -> list[Conversation]:
    chosen = islice(read_conversations(path), skip, skip + step * count, step)
    return [talk.model_copy(update={"lines": talk.lines[:lines]}) for talk in chosen]


def _share(
    name: str, talks: Sequence[Conversation], others: Sequence[Conversation], draws: int, embedder: Embedder
) -> float:
    """Return how many of the spoilt talks have less of the dimension that is hit, in [0, 1]."""
    dimension, perturb = PERTURBATIONS[name.removesuffix(OTHER_SETS)]
    lowered = 0
    for number, talk in enumerate(talks):
        original = getattr(assess(talk, embedder), dimension)
        for draw in range(draws):
            chance = random.Random(f"{name} {number}" + f" {draw}" * (draw > 0))
            lowered += getattr(assess(perturb(talk, others, chance), embedder), dimension) < original
    return lowered / (draws * len(talks))


if __name__ == "__main__":
    main()
