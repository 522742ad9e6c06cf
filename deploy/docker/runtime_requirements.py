# ruff: noqa: INP001 - a script, in no package
"""Prints what a role needs to run, one pinned package a line: `runtime_requirements.py pyproject.toml`."""

import sys
import tomllib
from pathlib import Path

project = tomllib.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))["project"]
sys.stdout.write("\n".join(project["dependencies"]) + "\n")
