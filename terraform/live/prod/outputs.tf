output "inventory" {
  value       = module.cluster.inventory
  description = "terraform output -raw inventory > ../../../ansible/inventory/<environment>.yml"
}

output "machines" {
  value       = module.cluster.machines
  description = "Every machine by name."
}

output "by_hand" {
  value       = module.cluster.by_hand
  description = "Parameters that people set before the cluster is begun."
}
