"""What a bulk run leaves on the disk, by table and by level: `python -m benchmarks.bulk.sizes OUT`."""

import sys
from collections import Counter
from pathlib import Path

import lancedb
import pyarrow.parquet as pq


def bytes_in(folder: Path) -> int:
    """Return the size of all files of a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def sizes(out: Path) -> str:
    """Return a table: rows and bytes a conversation."""
    tables = sorted(path for path in (out / "dataset").iterdir() if path.is_dir())
    rows = {folder.name: sum(pq.read_metadata(path).num_rows for path in folder.glob("*.parquet")) for folder in tables}
    count = rows["conversations"]
    lines = ["| what | rows a conversation | bytes a conversation |", "|---|---:|---:|"]
    lines += [
        f"| dataset, `{folder.name}` | {rows[folder.name] / count:.1f} | {bytes_in(folder) / count:,.0f} |"
        for folder in tables
    ]
    database, levels = lancedb.connect(out / "store"), Counter[str]()
    for path in (out / "store").glob("*.lance"):
        levels.update(database.open_table(path.stem).to_arrow().column("level").to_pylist())
    held = ", ".join(f"{number / count:.1f} of level {level}" for level, number in sorted(levels.items()))
    lines.append(f"| store ({held}) | {levels.total() / count:.1f} | {bytes_in(out / 'store') / count:,.0f} |")
    lines.append(f"| shards | | {bytes_in(out / 'shards') / count:,.0f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(sizes(Path(sys.argv[1])))
