# Sourced by run_tests.sh after setup_environment.sh: puts Ray into .venv, once.
#
# Where it cannot be had, the tests that need it are skipped and say so; with CI=true that is a failure.

setup_test_bulk() {
  local pip=("$PROJECT_ROOT/.venv/bin/python" -m pip --quiet --quiet --disable-pip-version-check --no-input)
  "$PROJECT_ROOT/.venv/bin/python" - "$(sed -n 's/^ray.*==//p' "$PROJECT_ROOT/requirements-bulk.txt")" <<'PY' && return
import sys
from importlib.metadata import PackageNotFoundError, version

try:
    sys.exit(version("ray") != sys.argv[1])
except PackageNotFoundError:
    sys.exit(1)
PY
  setup_say "installing Ray for the tests (80 MB, once)"
  "${pip[@]}" install --constraint "$PROJECT_ROOT/requirements.txt" --requirement "$PROJECT_ROOT/requirements-bulk.txt" && return
  [ "${CI:-}" = true ] && setup_fail "pip could not install requirements-bulk.txt (its message is above)"
  setup_say "it could not be installed (pip's message is above): the tests that need it are skipped"
}

setup_test_bulk
