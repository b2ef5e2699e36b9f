output "roles" {
  value       = [for account in var.service_accounts : merge(account, { arn = aws_iam_role.account[account.role].arn })]
  description = "Every ServiceAccount with the ARN of its role; Ansible writes them into the webhook's ConfigMap."
}

output "issuer" {
  value       = "https://${var.issuer_host}"
  description = "Issuer of the cluster's ServiceAccount tokens."
}
