#!/usr/bin/env bash
# Starts a role on Bittensor's testnet (network `test`, netuid 138) once all that it needs is there; see --help.
set -euo pipefail
PROJECT_ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)"
NETWORK=test NETUID=138
source "$PROJECT_ROOT/tools/start_role.sh" "$@"
