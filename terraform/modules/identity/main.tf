locals {
  roles = { for role in distinct(var.service_accounts[*].role) : role => [
    for account in var.service_accounts : "system:serviceaccount:${account.namespace}:${account.name}" if account.role == role
  ] }
}

# AWS looks the keys up at the issuer itself; its certificate is a public one, so no thumbprint has to be kept up.
resource "aws_iam_openid_connect_provider" "cluster" {
  url            = "https://${var.issuer_host}"
  client_id_list = ["sts.amazonaws.com"]
}

data "aws_iam_policy_document" "trust" {
  for_each = local.roles

  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {
      type        = "Federated"
      identifiers = [aws_iam_openid_connect_provider.cluster.arn]
    }
    condition {
      test     = "StringEquals"
      variable = "${var.issuer_host}:sub"
      values   = each.value
    }
    condition {
      test     = "StringEquals"
      variable = "${var.issuer_host}:aud"
      values   = ["sts.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "account" {
  for_each = local.roles

  name               = "${var.cluster}-${each.key}"
  assume_role_policy = data.aws_iam_policy_document.trust[each.key].json

  lifecycle {
    precondition {
      condition     = contains(keys(var.policies), each.key) || contains(keys(var.managed_policies), each.key)
      error_message = "Nothing says what the role ${each.key} may do."
    }
  }
}

resource "aws_iam_role_policy" "own" {
  for_each = var.policies

  name   = each.key
  role   = aws_iam_role.account[each.key].id
  policy = each.value
}

resource "aws_iam_role_policy_attachment" "managed" {
  for_each = var.managed_policies

  role       = aws_iam_role.account[each.key].name
  policy_arn = each.value
}
