variables {
  path = "/sesacthon/dev/"
  parameters = [
    { name = "data/redis-password", made = "generated", description = "Redis" },
    { name = "api/auth/private-key", made = "by hand", description = "signs tokens" },
  ]
}

run "secrets_are_generated_or_left_to_people" {
  command = plan

  assert {
    condition     = join(",", keys(aws_ssm_parameter.generated)) == "data/redis-password" && random_password.this["data/redis-password"].length >= 32
    error_message = "what is generated is long"
  }
  assert {
    condition     = aws_ssm_parameter.by_hand["api/auth/private-key"].name == "/sesacthon/dev/api/auth/private-key"
    error_message = "what people set has its place"
  }
  assert {
    condition     = alltrue([for parameter in merge(aws_ssm_parameter.generated, aws_ssm_parameter.by_hand) : parameter.type == "SecureString"])
    error_message = "all are encrypted"
  }
}

run "another_way_of_making_one_is_refused" {
  command = plan
  variables {
    parameters = [{ name = "x", made = "somehow", description = "x" }]
  }
  expect_failures = [var.parameters]
}
