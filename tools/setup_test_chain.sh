# Sourced by run_tests.sh after setup_environment.sh: puts a real runtime's metadata into build/chain-metadata, once.
#
# It is one file of the Bittensor SDK's source distribution, which pip fetches by the hash in requirements-chain.txt.
# Where it cannot be had, the tests of the development node are skipped and say so; with CI=true that is a failure.

setup_test_chain() {
  local folder="$PROJECT_ROOT/build/chain-metadata" archive
  [ -s "$folder/golden.json" ] && return
  setup_say "taking the metadata of a subtensor for the tests (1.4 MB, once)"
  mkdir -p "$folder/source"
  if "$PROJECT_ROOT/.venv/bin/python" -m pip download --quiet --quiet --disable-pip-version-check --no-input --no-deps \
    --no-binary :all: --require-hashes --dest "$folder/source" --requirement "$PROJECT_ROOT/requirements-chain.txt"; then
    archive="$(find "$folder/source" -name 'bittensor-*.tar.gz' -print -quit)"
    tar -xzOf "$archive" --wildcards '*/tests/fixtures/golden.json' >"$folder/golden.json.part" &&
      mv "$folder/golden.json.part" "$folder/golden.json"
  fi
  rm -rf "$folder/source"
  [ -s "$folder/golden.json" ] && return
  [ "${CI:-}" = true ] && setup_fail "pip could not download requirements-chain.txt (its message is above)"
  setup_say "it could not be taken (pip's message is above): the tests that need it are skipped"
}

setup_test_chain
