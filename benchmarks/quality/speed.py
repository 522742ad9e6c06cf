"""What judging costs beside embedding: `python -m benchmarks.quality.speed`, processor time, both in one run."""

import argparse
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path

from conversation_genome.embedding.loading import load_embedder
from conversation_genome.quality import assess, refusal_of
from conversation_genome.settings import RoleSettings, load_settings
from conversation_genome.sources.jsonl import read_conversations

ROOT = Path(__file__).resolve().parents[2]
SETS = {"chat_topicalchat": 30, "segmentation_tiage": 30, "meetings_qmsum": 2, "profiles_realpersona_ja": 20}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    data = parser.parse_args().data
    embedder = load_embedder(load_settings(RoleSettings).models_path, threads=1, cache_entries=100_000)
    print(f"{'set':26}{'lines':>7}{'embedding ms/line':>19}{'judging ms/line':>17}{'gate ms/line':>14}{'ratio':>7}")
    for name, count in SETS.items():
        talks = list(islice(read_conversations(data / f"{name}.jsonl"), count))
        lines = sum(len(talk.lines) for talk in talks)
        whole = _seconds(lambda talks=talks: [assess(talk, embedder) for talk in talks])
        judging = _seconds(lambda talks=talks: [assess(talk, embedder) for talk in talks])
        gate = _seconds(lambda talks=talks: [refusal_of(talk) for talk in talks])
        embedding = whole - judging
        print(
            f"{name:26}{lines:7}{1e3 * embedding / lines:19.2f}{1e3 * judging / lines:17.2f}"
            f"{1e3 * gate / lines:14.2f}{judging / embedding:7.2f}",
            flush=True,
        )


def _seconds(run: Callable[[], object]) -> float:
    started = time.process_time()
    run()
    return time.process_time() - started


if __name__ == "__main__":
    main()
