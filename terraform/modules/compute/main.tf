locals {
  # The i-th machine of a row is in subnet (subnet - 1 + i) mod 3 + 1; only rows of several are numbered.
  machines = merge([
    for row in var.nodes : {
      for i in range(row.count[var.environment]) :
      (row.count[var.environment] == 1 ? row.name : "${row.name}-${i + 1}") => {
        type      = row.type
        disk_gib  = row.disk_gib
        subnet_id = var.subnet_ids[(row.subnet - 1 + i) % 3]
        group     = row.group
        labels    = row.labels
        taints    = row.taints
      }
    }
  ]...)
}

data "aws_ssm_parameter" "ami" {
  name = var.ami_parameter
}

data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

# What a machine itself may do: be reached through SSM. Everything else is a pod's own role.
resource "aws_iam_role" "node" {
  name               = "${var.cluster}-node"
  assume_role_policy = data.aws_iam_policy_document.assume.json
}

resource "aws_iam_role_policy_attachment" "ssm" {
  role       = aws_iam_role.node.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
}

resource "aws_iam_instance_profile" "node" {
  name = "${var.cluster}-node"
  role = aws_iam_role.node.name
}

resource "aws_instance" "node" {
  for_each = local.machines

  ami                         = data.aws_ssm_parameter.ami.value
  instance_type               = each.value.type
  subnet_id                   = each.value.subnet_id
  vpc_security_group_ids      = [var.security_group_id]
  iam_instance_profile        = aws_iam_instance_profile.node.name
  associate_public_ip_address = false
  disable_api_termination     = each.value.labels["tier"] == "data"

  metadata_options {
    http_tokens = "required"
    # One hop: pods in their own network do not reach it.
    http_put_response_hop_limit = 1
  }

  root_block_device {
    volume_type = "gp3"
    volume_size = each.value.disk_gib
    encrypted   = true
  }

  tags = {
    Name                                   = "${var.cluster}-${each.key}"
    Node                                   = each.key
    Group                                  = each.value.group
    "kubernetes.io/cluster/${var.cluster}" = "owned"
  }

  lifecycle {
    ignore_changes = [ami]
  }
}
