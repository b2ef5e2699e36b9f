locals {
  generated = { for each in var.parameters : each.name => each if each.made == "generated" }
  by_hand   = { for each in var.parameters : each.name => each if each.made == "by hand" }
}

# They stand in the state, which is encrypted and read by those alone who may read the parameters themselves.
resource "random_password" "this" {
  for_each = local.generated

  length = 40
  # They stand in addresses (postgres://, amqp://): what has to be escaped there is left out.
  special = false
}

resource "aws_ssm_parameter" "generated" {
  for_each = local.generated

  name        = "${var.path}${each.key}"
  description = each.value.description
  type        = "SecureString"
  value       = random_password.this[each.key].result
}

# A place for what people set; Terraform never sees it again. The cluster refuses to begin with this text.
resource "aws_ssm_parameter" "by_hand" {
  for_each = local.by_hand

  name        = "${var.path}${each.key}"
  description = each.value.description
  type        = "SecureString"
  value       = "to be set by hand"

  lifecycle {
    ignore_changes = [value]
  }
}
