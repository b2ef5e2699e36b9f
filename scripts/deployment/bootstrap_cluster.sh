#!/usr/bin/env bash
# From an empty account to a healthy cluster: scripts/deployment/bootstrap_cluster.sh dev [--dry-run]
# Each step may be done again; a run that was broken off goes on where it stopped.
set -uo pipefail
# shellcheck source-path=SCRIPTDIR source=steps.sh
source "$(dirname "${BASH_SOURCE[0]}")/steps.sh"

tools() { require_tools terraform aws ansible-playbook kubectl session-manager-plugin git; }

# What nobody has said yet is never made up: the repository, and the images by digest.
filled_in() {
  local fault=0
  if grep -q 'repository\.invalid' "$root/manifests/environments/$environment/facts.yaml"; then
    printf '    The repository has no address yet: npm run manifests -- repository URL\n' >&2
    fault=1
  fi
  if grep -q 'newTag: unset' "$root/manifests/images/$environment/kustomization.yaml"; then
    printf '    Images of %s are unset: npm run manifests -- bump --env %s …\n' "$environment" "$environment" >&2
    fault=1
  fi
  if [ "$dry_run" = true ]; then return 0; fi
  return "$fault"
}

account() { run aws sts get-caller-identity --query Account --output text; }

plan() {
  run terraform -chdir="$live" init -input=false &&
    run terraform -chdir="$live" plan -input=false -out=plan
}

machines() {
  confirm "Make what the plan above says?" || return 1
  run terraform -chdir="$live" apply -input=false plan
}

parameters() {
  printf '    People set these in Parameter Store, before the cluster begins:\n'
  run terraform -chdir="$live" output by_hand &&
    confirm "Are they all set?"
}

inventory() {
  printf '    $ terraform -chdir=%s output -raw inventory > ansible/inventory/%s.yml\n' "$live" "$environment"
  if [ "$dry_run" = true ]; then return 0; fi
  terraform -chdir="$live" output -raw inventory >"$root/ansible/inventory/$environment.yml"
}

kubernetes() {
  (cd "$root/ansible" && run ansible-playbook site.yml -i "inventory/$environment.yml")
}

on_master() { (cd "$root/ansible" && run ansible masters -i "inventory/$environment.yml" -m ansible.builtin.command -a "$1"); }

# ArgoCD goes wave by wave and waits for each; the last is the ingress.
waves() {
  on_master "kubectl --kubeconfig /etc/kubernetes/admin.conf -n argocd wait application/$environment-root --for=jsonpath={.status.health.status}=Healthy --timeout=45m"
}

smoke() {
  local domain
  domain=$(sed -n 's/^  apiHost: //p' "$root/manifests/environments/$environment/facts.yaml")
  run curl --fail --silent --show-error --retry 30 --retry-delay 10 --retry-all-errors "https://$domain/ready"
}

read_arguments "$@"
printf 'Bootstrap of %s\n' "$cluster"
step "tools are there" tools
step "what Git has to name is named" filled_in
step "the account" account
step "plan of the machines" plan
step "machines, network, roles, buckets" machines
step "parameters that people set" parameters
step "inventory" inventory
step "Kubernetes and ArgoCD" kubernetes
step "the waves, until everything is healthy" waves
step "the house answers" smoke
if [ "$dry_run" = true ]; then printf 'Nothing was done.\n'; else printf '%s is up.\n' "$cluster"; fi
