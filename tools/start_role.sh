# Sourced by run_testnet.sh and run_mainnet.sh: checks all that a role needs on a network, then starts the role.
#
#   PROJECT_ROOT=<folder> NETWORK=test NETUID=138 ; source tools/start_role.sh [ROLE] [--dry-run] [--yes] [arguments of the role]

role_usage() {
  printf 'usage: bash %s miner|validator|server [--dry-run] [--yes] [arguments of the role]\n' "$(basename "$0")" >&2
  printf 'Checks settings, wallet, chain, clock and addresses for the network %s (netuid %s), then starts the role.\n' \
    "$NETWORK" "$NETUID" >&2
  printf '  --dry-run                      stop after the checks\n' >&2
  printf '  --yes                          do not ask before a role is started on mainnet\n' >&2
  printf '  --subtensor.network ws://...   a node of your own in place of the public ones\n' >&2
}

# The checks shall see what the role will be told: a flag of the role is a setting, too.
role_export_flag() {
  local variable="" of_role
  of_role="CGP_$(printf %s "$role" | tr '[:lower:]' '[:upper:]')"
  case "$1" in
    --subtensor.network) variable=CGP_SUBTENSOR_NETWORK ;;
    --netuid) variable=CGP_NETUID ;;
    --wallet.name) variable=CGP_WALLET_NAME ;;
    --wallet.hotkey) variable=CGP_WALLET_HOTKEY ;;
    --wallet.path) variable=CGP_WALLET_PATH ;;
    --server.url) variable=CGP_SERVER_URL ;;
    --server.hotkey) variable=CGP_SERVER_HOTKEY ;;
    --database.url) variable=CGP_SERVER_DATABASE_URL ;;
    --axon.external_ip) variable=CGP_MINER_EXTERNAL_HOST ;;
    --axon.port) variable="${of_role}_PORT" ;;
    --axon.ip) variable="${of_role}_HOST" ;;
  esac
  if [ -n "$variable" ]; then export "$variable=$2"; fi
}

role_confirm() {
  local answer=""
  if [ "$NETWORK" != finney ] || [ "$1" = yes ]; then return 0; fi
  if [ ! -t 0 ]; then
    printf '%s: a role on mainnet is started after a question, and there is nobody to ask: add --yes\n' "$(basename "$0")" >&2
    exit 2
  fi
  read -r -p "Start the $2 on mainnet (netuid $CGP_NETUID)? What it signs counts there. [y/N] " answer
  case "$answer" in
    y | Y | yes | Yes | YES) ;;
    *) printf 'not started\n' >&2 && exit 1 ;;
  esac
}

role_main() {
  local role="" module="" dry_run=no is_sure=no argument
  local -a arguments=()
  for argument in "$@"; do
    case "$argument" in
      -h | --help) role_usage && exit 0 ;;
      --dry-run) dry_run=yes ;;
      --yes) is_sure=yes ;;
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
  if [ -z "$role" ]; then
    .venv/bin/python -m conversation_genome config check || true
    role_usage && exit 2
  fi
  .venv/bin/python -m conversation_genome preflight "$role" || exit $?
  if [ "$dry_run" = yes ]; then exit 0; fi
  role_confirm "$is_sure" "$role"
  exec .venv/bin/python -m "$module" ${arguments[@]+"${arguments[@]}"}
}

role_main "$@"
