#!/usr/bin/env bash
# A whole subnet on this machine, with embedded defaults: no key, no wallet, no internet after the install.
# Arguments are those of `cgp local up` (try --help).
set -euo pipefail
PROJECT_ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)"
source "$PROJECT_ROOT/tools/setup_environment.sh"
exec "$PROJECT_ROOT/.venv/bin/python" -m conversation_genome local up "$@"
