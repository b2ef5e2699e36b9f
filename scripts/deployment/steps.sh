# Sourced by bootstrap_cluster.sh and destroy_cluster.sh: steps that are shown, remembered, and gone on from.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
dry_run=false
assume_yes=false
environment=""

usage() {
  printf 'usage: %s dev|prod [--dry-run] [--yes] [--again]\n' "$(basename "$0")" >&2
  printf '  --dry-run  prints every step with its commands and does none\n' >&2
  printf '  --yes      asks nothing (destroy_cluster.sh asks for the name of the cluster all the same)\n' >&2
  printf '  --again    begins with the first step, whatever an earlier run has finished\n' >&2
  exit 2
}

read_arguments() {
  local again=false
  for argument in "$@"; do
    case $argument in
    dev | prod) environment=$argument ;;
    --dry-run) dry_run=true ;;
    --yes) assume_yes=true ;;
    --again) again=true ;;
    *) usage ;;
    esac
  done
  [ -n "$environment" ] || usage
  # shellcheck disable=SC2034 # read by the scripts that source this
  cluster="sesacthon-$environment"
  # shellcheck disable=SC2034
  live="$root/terraform/live/$environment"
  finished="${XDG_STATE_HOME:-$HOME/.local/state}/eco2/$(basename "$0" .sh)-$environment"
  if [ "$again" = true ] && [ "$dry_run" = false ]; then rm -f "$finished"; fi
}

# run COMMAND…: does it, or says what it would do. Secrets are never among the arguments.
run() {
  printf '    $ %s\n' "$*"
  if [ "$dry_run" = true ]; then return 0; fi
  "$@"
}

number=0
# step NAME FUNCTION: once; a run that was broken off goes on behind the last step that it finished.
step() {
  local name=$1 work=$2
  number=$((number + 1))
  if [ "$dry_run" = false ] && grep -qxF "$name" "$finished" 2>/dev/null; then
    printf '%2d. %s: done before\n' "$number" "$name"
    return 0
  fi
  printf '%2d. %s\n' "$number" "$name"
  if ! "$work"; then
    printf 'Step %d (%s) failed. Run the same command again: it goes on from here.\n' "$number" "$name" >&2
    exit 1
  fi
  if [ "$dry_run" = false ]; then
    mkdir -p "$(dirname "$finished")"
    printf '%s\n' "$name" >>"$finished"
  fi
}

# confirm QUESTION: yes or no; no terminal means no.
confirm() {
  if [ "$dry_run" = true ] || [ "$assume_yes" = true ]; then return 0; fi
  local answer=""
  printf '    %s [yes/no] ' "$1"
  read -r answer || true
  [ "$answer" = yes ]
}

require_tools() {
  local missing=()
  for tool in "$@"; do command -v "$tool" >/dev/null || missing+=("$tool"); done
  if [ "${#missing[@]}" -eq 0 ]; then return 0; fi
  printf '    missing: %s\n' "${missing[*]}" >&2
  [ "$dry_run" = true ]
}
