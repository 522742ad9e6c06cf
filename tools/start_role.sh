# Sourced by run_testnet.sh and run_mainnet.sh: checks the settings of a role for a network, then starts the role.
#
#   PROJECT_ROOT=<folder> NETWORK=test NETUID=138 ; source tools/start_role.sh [ROLE] [--dry-run] [arguments of the role]

role_usage() {
  printf 'usage: bash %s miner|validator|server [--dry-run] [arguments of the role]\n' "$(basename "$0")" >&2
  printf 'Checks the settings for the network %s (netuid %s), then starts the role; --dry-run stops after the check.\n' \
    "$NETWORK" "$NETUID" >&2
}

role_main() {
  local role="" module="" dry_run=no argument
  local -a arguments=()
  for argument in "$@"; do
    case "$argument" in
      -h | --help) role_usage && exit 0 ;;
      --dry-run) dry_run=yes ;;
      *) if [ -z "$role" ]; then role="$argument"; else arguments+=("$argument"); fi ;;
    esac
  done
  case "$role" in
    miner) module=miner ;;
    validator | validators) role=validator module=validators ;;
    server | conversation_server) role=server module=conversation_server ;;
    "") ;;
    *) printf '%s: %s is no role\n' "$(basename "$0")" "$role" >&2 && role_usage && exit 2 ;;
  esac
  source "$PROJECT_ROOT/tools/setup_environment.sh"
  cd "$PROJECT_ROOT"
  export CGP_SUBTENSOR_NETWORK="$NETWORK" CGP_NETUID="$NETUID"
  .venv/bin/python -m conversation_genome config check ${role:+"$role"} || exit $?
  if [ -z "$role" ]; then role_usage && exit 2; fi
  if [ "$dry_run" = yes ]; then exit 0; fi
  exec .venv/bin/python -m "$module" ${arguments[@]+"${arguments[@]}"}
}

role_main "$@"
