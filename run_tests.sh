#!/usr/bin/env bash
# Set-up and the whole test suite; JUnit XML goes to test-reports/. An argument picks tests: a path, or part of a test's name.
set -euo pipefail
PROJECT_ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)"
source "$PROJECT_ROOT/tools/setup_environment.sh"
source "$PROJECT_ROOT/tools/setup_test_models.sh"
source "$PROJECT_ROOT/tools/setup_test_chain.sh"
source "$PROJECT_ROOT/tools/setup_test_bulk.sh"
cd "$PROJECT_ROOT"
exec .venv/bin/python -m tests_ap "$@"
