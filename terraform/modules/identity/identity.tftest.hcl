variables {
  cluster     = "test"
  issuer_host = "oidc.example.org"
  service_accounts = [
    { role = "writer", namespace = "image", name = "image-api" },
    { role = "writer", namespace = "image", name = "image-worker" },
    { role = "csi", namespace = "kube-system", name = "ebs-csi-controller-sa" },
  ]
  policies         = { writer = "{}" }
  managed_policies = { csi = "arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy" }
}

run "a_role_trusts_its_accounts_and_no_other" {
  command = plan

  assert {
    condition     = join(",", keys(aws_iam_role.account)) == "csi,writer"
    error_message = "one role for each that is named"
  }
  assert {
    condition     = join(",", sort(flatten([for condition in data.aws_iam_policy_document.trust["writer"].statement[0].condition : condition.values if condition.variable == "oidc.example.org:sub"]))) == "system:serviceaccount:image:image-api,system:serviceaccount:image:image-worker"
    error_message = "the role is its accounts'"
  }
  assert {
    condition     = alltrue([for condition in data.aws_iam_policy_document.trust["csi"].statement[0].condition : condition.test == "StringEquals"])
    error_message = "no account is matched by a pattern"
  }
}

run "a_role_that_may_nothing_is_refused" {
  command = plan
  variables {
    managed_policies = {}
  }
  expect_failures = [aws_iam_role.account]
}

run "an_issuer_with_a_scheme_is_refused" {
  command = plan
  variables {
    issuer_host = "https://oidc.example.org"
  }
  expect_failures = [var.issuer_host]
}
