#!/usr/bin/env bash
# Ends a cluster and what is around it; the backups stay: scripts/deployment/destroy_cluster.sh dev [--dry-run]
set -uo pipefail
# shellcheck source-path=SCRIPTDIR source=steps.sh
source "$(dirname "${BASH_SOURCE[0]}")/steps.sh"

tools() { require_tools terraform aws ansible-playbook kubectl session-manager-plugin; }

sure() {
  if [ "$dry_run" = true ]; then return 0; fi
  local answer=""
  printf '    This ends %s with its databases. The backups stay. Type its name: ' "$cluster"
  read -r answer || true
  [ "$answer" = "$cluster" ]
}

# While the controllers live: they take away the load balancer, its records and the volumes that nobody claims any more.
applications() {
  (cd "$root/ansible" && run ansible masters -i "inventory/$environment.yml" -m ansible.builtin.command \
    -a "kubectl --kubeconfig /etc/kubernetes/admin.conf -n argocd delete application $environment-root --cascade=foreground --timeout=30m --ignore-not-found")
}

# What Terraform did not make, it cannot take away, and its network would wait for it for ever.
leftovers() {
  run aws resourcegroupstaggingapi get-resources --tag-filters "Key=elbv2.k8s.aws/cluster,Values=$cluster" \
    --query 'ResourceTagMappingList[].ResourceARN' --output text &&
    confirm "Is nothing listed above?"
}

# Machines with data are protected against a slip; this is none.
unlock() {
  local machine
  printf '    $ aws ec2 describe-instances … (machines of %s)\n' "$cluster"
  if [ "$dry_run" = true ]; then
    run aws ec2 modify-instance-attribute --instance-id MACHINE --no-disable-api-termination
    return 0
  fi
  local machines
  machines=$(aws ec2 describe-instances --filters "Name=tag:kubernetes.io/cluster/$cluster,Values=owned" \
    --query 'Reservations[].Instances[].InstanceId' --output text) || return 1
  for machine in $machines; do
    run aws ec2 modify-instance-attribute --instance-id "$machine" --no-disable-api-termination || return 1
  done
}

# The bucket of the backups is kept, by leaving Terraform's care.
backups() {
  run terraform -chdir="$live" init -input=false || return 1
  local kept
  for kept in bucket bucket_public_access_block bucket_server_side_encryption_configuration bucket_versioning bucket_lifecycle_configuration; do
    run terraform -chdir="$live" state rm "module.cluster.aws_s3_$kept.backups" || return 1
  done
}

machines() {
  run terraform -chdir="$live" plan -destroy -input=false -out=plan &&
    confirm "End what the plan above says?" &&
    run terraform -chdir="$live" apply -input=false plan
}

read_arguments "$@"
printf 'End of %s\n' "$cluster"
step "tools are there" tools
step "somebody is sure" sure
step "Applications, load balancer, records" applications
step "nothing of the controllers is left" leftovers
step "machines may be ended" unlock
step "the backups stay behind" backups
step "machines, network, roles, other buckets" machines
if [ "$dry_run" = true ]; then
  printf 'Nothing was done.\n'
else
  rm -f "$finished"
  printf '%s is gone. Its backups are in s3://%s-%s-backups.\n' "$cluster" "$environment" "$cluster"
fi
