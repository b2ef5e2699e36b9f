output "vpc_id" {
  value       = aws_vpc.this.id
  description = "The VPC."
}

output "private_subnet_ids" {
  value       = [for zone in var.zones : aws_subnet.private[zone].id]
  description = "Private subnets, subnet n of the node table first."
}

output "nodes_security_group_id" {
  value       = aws_security_group.nodes.id
  description = "Security group of the machines."
}
