#!/usr/bin/env bash
# Starts a role on Bittensor's mainnet (network `finney`, netuid 33) once all that it needs is there, and somebody said yes;
# see --help.
set -euo pipefail
PROJECT_ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)"
NETWORK=finney NETUID=33
source "$PROJECT_ROOT/tools/start_role.sh" "$@"
