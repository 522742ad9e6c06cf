# Sourced by run_testnet.sh and run_mainnet.sh: checks the settings of a role for a network, then starts the role.
#
#   PROJECT_ROOT=<folder> NETWORK=test NETUID=138 ; source tools/start_role.sh [ROLE] [--dry-run] [arguments of the role]

role_usage() {
  printf 'usage: bash %s miner|validator|server [--dry-run] [arguments of the role]\n' "$(basename "$0")" >&2
  printf 'Checks the settings for the network %s (netuid %s), then starts the role; --dry-run stops after the check.\n' \
    "$NETWORK" "$NETUID" >&2
}

# The check shall see what the role will be told: a flag of the role is a setting, too.
role_export_flag() {
  local variable=""
  case "$1" in
    --wallet.name) variable=CGP_WALLET_NAME ;;
    --wallet.hotkey) variable=CGP_WALLET_HOTKEY ;;
    --wallet.path) variable=CGP_WALLET_PATH ;;
    --server.url) variable=CGP_SERVER_URL ;;
    --server.hotkey) variable=CGP_SERVER_HOTKEY ;;
    --axon.external_ip) variable=CGP_MINER_EXTERNAL_HOST ;;
  esac
  if [ -n "$variable" ]; then export "$variable=$2"; fi
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
  local previous=""
  for argument in ${arguments[@]+"${arguments[@]}"}; do
    case "$argument" in
      --*=*) role_export_flag "${argument%%=*}" "${argument#*=}" ;;
      *) role_export_flag "$previous" "$argument" ;;
    esac
    previous="$argument"
  done
  .venv/bin/python -m conversation_genome config check ${role:+"$role"} || exit $?
  if [ -z "$role" ]; then role_usage && exit 2; fi
  if [ "$dry_run" = yes ]; then exit 0; fi
  exec .venv/bin/python -m "$module" ${arguments[@]+"${arguments[@]}"}
}

role_main "$@"
