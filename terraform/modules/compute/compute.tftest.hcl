variables {
  cluster           = "test"
  environment       = "dev"
  subnet_ids        = ["subnet-1", "subnet-2", "subnet-3"]
  security_group_id = "sg-1"
  nodes = [
    { name = "db", type = "t3.large", disk_gib = 80, subnet = 2, count = { dev = 1, prod = 3 }, group = "postgresql", labels = { tier = "data" }, taints = [] },
    { name = "api", type = "t3.small", disk_gib = 20, subnet = 1, count = { dev = 1, prod = 2 }, group = "api_nodes", labels = { tier = "business-logic" }, taints = [] },
  ]
}

run "one_machine_a_row_in_dev" {
  command = plan

  assert {
    condition     = join(",", keys(aws_instance.node)) == "api,db"
    error_message = "rows of one machine are not numbered"
  }
  assert {
    condition     = aws_instance.node["db"].subnet_id == "subnet-2" && aws_instance.node["api"].subnet_id == "subnet-1"
    error_message = "each stands in its row's subnet"
  }
}

run "rows_are_spread_over_the_zones_in_prod" {
  command = plan
  variables {
    environment = "prod"
  }

  assert {
    condition     = [for n in ["db-1", "db-2", "db-3", "api-1", "api-2"] : aws_instance.node[n].subnet_id] == ["subnet-2", "subnet-3", "subnet-1", "subnet-1", "subnet-2"]
    error_message = "the i-th machine is in subnet (subnet - 1 + i) mod 3 + 1"
  }
}

run "machines_are_private_and_shut" {
  command = plan

  assert {
    condition     = alltrue([for node in aws_instance.node : node.associate_public_ip_address == false])
    error_message = "no machine has a public address"
  }
  assert {
    condition     = alltrue([for node in aws_instance.node : node.metadata_options[0].http_tokens == "required" && node.metadata_options[0].http_put_response_hop_limit == 1])
    error_message = "IMDSv2 alone, and not from pods"
  }
  assert {
    condition     = alltrue([for node in aws_instance.node : node.root_block_device[0].encrypted && node.root_block_device[0].volume_type == "gp3"])
    error_message = "disks are encrypted gp3"
  }
  assert {
    condition     = aws_instance.node["db"].disable_api_termination && !aws_instance.node["api"].disable_api_termination
    error_message = "machines with data are not ended by a slip"
  }
}

run "a_row_outside_the_subnets_is_refused" {
  command = plan
  variables {
    nodes = [{ name = "x", type = "t3.small", disk_gib = 20, subnet = 4, count = { dev = 1, prod = 1 }, group = "workers", labels = {}, taints = [] }]
  }
  expect_failures = [var.nodes]
}
