output "by_hand" {
  value       = sort([for name, parameter in aws_ssm_parameter.by_hand : parameter.name])
  description = "Parameters that people have to set before the cluster is begun."
}
