"""Small files of conversations that tests read."""

import json
from pathlib import Path
from typing import Any


def record(name: str, *texts: str, **fields: Any) -> dict[str, Any]:
    """Return a uniform record of two people who take turns."""
    said = texts or (
        f"I grow tomatoes at number {name}.",
        "How many of them?",
        "Nine plants.",
        "That is a lot of sauce.",
    )
    lines = [[number % 2, text] for number, text in enumerate(said)]
    return {"id": name, "source": "test", "license": "MIT", "participants": ["Ann", "Bo"], "lines": lines, **fields}


def write_lines(path: Path, *lines: dict[str, Any] | str) -> Path:
    """Write one record, or whatever text is given, a line."""
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")
    return path
