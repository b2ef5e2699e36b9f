output "machines" {
  value       = module.compute.machines
  description = "Every machine by name, with what the Ansible inventory says of it."
}

output "inventory" {
  value = yamlencode({
    all = {
      vars = {
        cluster         = var.cluster
        stage           = var.environment
        region          = var.region
        domain          = var.domain
        vpc_id          = module.network.vpc_id
        pod_cidr        = var.pod_cidr
        issuer          = module.identity.issuer
        issuer_bucket   = module.issuer.bucket
        service_roles   = module.identity.roles
        parameter_path  = local.path
        transfer_bucket = aws_s3_bucket.transfer.bucket
      }
      children = {
        for group in distinct([for machine in module.compute.machines : machine.group]) : group => {
          hosts = {
            for name, machine in module.compute.machines : name => {
              ansible_host = machine.instance_id
              address      = machine.address
              provider_id  = "aws:///${machine.zone}/${machine.instance_id}"
              node_labels  = machine.labels
              node_taints  = machine.taints
            } if machine.group == group
          }
        }
      }
    }
  })
  description = "Inventory of Ansible: machines by group, reached through SSM by their instance id."
}

output "by_hand" {
  value       = module.parameters.by_hand
  description = "Parameters that people set before the cluster is begun."
}
