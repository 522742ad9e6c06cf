"""As many conversations as are wanted, made of real ones: the first half of one, the second half of another."""

import itertools
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

DATA: Final = Path(__file__).parents[3] / "shared" / "data"
FILES: Final = ("chat_topicalchat", "profiles_casino", "profiles_spc", "segmentation_tiage", "profiles_realpersona_ja")
"""Chats of two people: English, and one in fifteen Japanese."""
SEED: Final = 20261120


def recombined(data: Path, count: int) -> Iterator[dict[str, Any]]:
    """Yield conversations that are all different, equal ones for an equal count."""
    pools = {name: [json.loads(line) for line in (data / f"{name}.jsonl").open(encoding="utf-8")] for name in FILES}
    chance = random.Random(SEED)
    weights = [4, 4, 4, 2, 1]
    seen: set[str] = set()
    for number in itertools.count():
        pool = pools[chance.choices(FILES, weights)[0]]
        one, two = chance.choice(pool), chance.choice(pool)
        lines = one["lines"][: len(one["lines"]) // 2] + two["lines"][len(two["lines"]) // 2 :]
        key = f"{one['id']}/{two['id']}"
        if key in seen or len(one["participants"]) < 2:
            continue
        seen.add(key)
        yield {
            "id": f"recombined-{number:09d}",
            "source": one["source"],
            "license": one["license"],
            "participants": one["participants"][:2],
            "lines": [[line[0] % 2, line[1]] for line in lines],
        }
        if len(seen) >= count:
            return


def write_talks(folder: Path, data: Path, count: int, *, files: int = 4) -> int:
    """Write the conversations into some files; returns their lines."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = 0
    opened = [(folder / f"part-{number}.jsonl").open("w", encoding="utf-8") for number in range(files)]
    for number, talk in enumerate(recombined(data, count)):
        opened[number % files].write(json.dumps(talk, ensure_ascii=False) + "\n")
        lines += len(talk["lines"])
    for file in opened:
        file.close()
    return lines
