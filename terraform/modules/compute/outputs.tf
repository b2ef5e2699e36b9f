output "machines" {
  value = {
    for name, machine in local.machines : name => {
      instance_id = aws_instance.node[name].id
      address     = aws_instance.node[name].private_ip
      zone        = aws_instance.node[name].availability_zone
      group       = machine.group
      labels      = machine.labels
      taints      = machine.taints
    }
  }
  description = "Every machine by name, as the Ansible inventory has it."
}
