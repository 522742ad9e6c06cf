# Sourced by the run_*.sh scripts: leaves a complete .venv/ and models/ in the project's folder, and says only what it does.
#
#   PROJECT_ROOT=<folder> ; source tools/setup_environment.sh
#
# What is done is not done again: .venv/.complete holds the SHA-256 of requirements.txt and the project's folder, and is
# written last, so that an interrupted set-up is repeated and a changed requirements.txt is installed.
# $PYTHON names the Python to build .venv with; without it the first one of python3.11 to python3.14 and python3 that runs.

setup_say() { printf 'set-up: %s\n' "$*" >&2; }

setup_fail() {
  setup_say "FAILED: $*"
  exit 1
}

# A Python counts when it really runs (a pyenv shim may be there and fail), is new enough and can make environments.
setup_python_works() {
  "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

setup_find_python() {
  local candidate
  if [ -n "${PYTHON:-}" ]; then
    setup_python_works "$PYTHON" || setup_fail "PYTHON=$PYTHON is no Python 3.11 or newer with venv; unset PYTHON or name another one"
    printf '%s\n' "$PYTHON"
    return
  fi
  for candidate in python3.11 python3.12 python3.13 python3.14 python3 /usr/bin/python3.11 /usr/bin/python3; do
    if setup_python_works "$candidate"; then
      printf '%s\n' "$candidate"
      return
    fi
  done
  setup_fail "no Python 3.11 or newer with venv was found; install one (on Debian: apt-get install python3 python3-venv) or set PYTHON=/path/to/python"
}

setup_requirements_stamp() {
  "$1" - "$PROJECT_ROOT" <<'PY'
import hashlib, pathlib, sys

root = pathlib.Path(sys.argv[1])
print(hashlib.sha256((root / "requirements.txt").read_bytes()).hexdigest(), root)
PY
}

setup_environment_is_complete() {
  local python="$PROJECT_ROOT/.venv/bin/python" stamp="$PROJECT_ROOT/.venv/.complete"
  [ -x "$python" ] && [ -f "$stamp" ] && [ "$(setup_requirements_stamp "$python" 2>/dev/null)" = "$(cat "$stamp")" ]
}

setup_create_environment() {
  local python="$PROJECT_ROOT/.venv/bin/python" chosen
  if [ ! -e "$PROJECT_ROOT/.venv/.installing" ] && [ -x "$python" ] && setup_python_works "$python" && "$python" -m pip --version >/dev/null 2>&1; then
    return
  fi
  chosen="$(setup_find_python)" || exit 1
  setup_say "creating .venv with $("$chosen" --version 2>&1)"
  "$chosen" -m venv --clear "$PROJECT_ROOT/.venv" || setup_fail "$chosen could not create .venv; is the folder writable and the disk not full?"
}

setup_install() {
  local python="$PROJECT_ROOT/.venv/bin/python"
  local -a pip=("$python" -m pip install --quiet --quiet --disable-pip-version-check --no-input)
  touch "$PROJECT_ROOT/.venv/.installing" # still there: an install was interrupted, and .venv is made anew
  setup_say "installing $(grep -c '==' "$PROJECT_ROOT/requirements.txt") pinned packages (a few minutes the first time)"
  "${pip[@]}" --requirement "$PROJECT_ROOT/requirements.txt" ||
    setup_fail "pip could not install requirements.txt (its message is above); check the network or the package index and run again"
  setup_say "installing conversation-genome itself"
  "${pip[@]}" --no-deps --no-build-isolation --config-settings editable_mode=compat --editable "$PROJECT_ROOT" ||
    setup_fail "pip could not install the project itself (its message is above)"
  setup_requirements_stamp "$python" >"$PROJECT_ROOT/.venv/.complete.part"
  mv "$PROJECT_ROOT/.venv/.complete.part" "$PROJECT_ROOT/.venv/.complete"
  rm -f "$PROJECT_ROOT/.venv/.installing"
}

setup_models() {
  "$PROJECT_ROOT/.venv/bin/python" -m conversation_genome setup >&2 ||
    setup_fail "the embedding model could not be prepared (the reason is above); remove the folder models/ and run again"
}

setup_main() {
  local started=$SECONDS
  [ -f "$PROJECT_ROOT/requirements.txt" ] || setup_fail "$PROJECT_ROOT/requirements.txt is missing; is this a whole copy of the project?"
  # One set-up at a time: a second one waits here and then finds everything done.
  exec 9<"$PROJECT_ROOT/requirements.txt"
  if command -v flock >/dev/null 2>&1 && ! flock --nonblock 9; then
    setup_say "another set-up is running; waiting for it"
    flock 9
  fi
  if ! setup_environment_is_complete; then
    setup_create_environment
    setup_install
    setup_say "the environment is ready after $((SECONDS - started)) s"
  fi
  setup_models
  exec 9<&-
}

setup_main
