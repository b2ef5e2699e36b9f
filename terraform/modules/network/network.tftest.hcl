variables {
  cluster      = "test"
  cidr         = "10.1.0.0/16"
  pod_cidr     = "192.168.0.0/16"
  zones        = ["a", "b", "c"]
  nat_per_zone = true
}

run "subnets_lie_in_their_vpc" {
  command = plan

  assert {
    condition     = sort([for subnet in aws_subnet.public : subnet.cidr_block]) == tolist(["10.1.1.0/24", "10.1.2.0/24", "10.1.3.0/24"])
    error_message = "public subnets are the first /24s of the VPC"
  }
  assert {
    condition     = sort([for subnet in aws_subnet.private : subnet.cidr_block]) == tolist(["10.1.101.0/24", "10.1.102.0/24", "10.1.103.0/24"])
    error_message = "private subnets are the /24s from 101 on"
  }
  assert {
    condition     = alltrue([for subnet in aws_subnet.public : !subnet.map_public_ip_on_launch])
    error_message = "nothing gets a public address by itself"
  }
}

run "the_world_reaches_the_load_balancer_alone" {
  command = plan

  assert {
    condition     = alltrue([for rule in aws_vpc_security_group_ingress_rule.alb_web : contains([80, 443], rule.from_port) && rule.from_port == rule.to_port])
    error_message = "the load balancer takes 80 and 443"
  }
  assert {
    condition     = aws_vpc_security_group_ingress_rule.nodes_from_alb.cidr_ipv4 == null && aws_vpc_security_group_ingress_rule.nodes_each_other.cidr_ipv4 == null
    error_message = "machines take nothing from addresses, only from groups: no 22, no 6443, no NodePort for the world"
  }
}

run "each_zone_has_its_way_out" {
  command = plan

  assert {
    condition     = length(aws_nat_gateway.this) == 3 && length(aws_route.out) == 3
    error_message = "a NAT gateway and a route for each zone"
  }
}

run "one_way_out_for_all_where_it_may_be" {
  command = plan
  variables {
    nat_per_zone = false
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 1 && length(aws_route.out) == 3
    error_message = "one NAT gateway serves all zones"
  }
}

run "a_range_that_is_no_16_is_refused" {
  command = plan
  variables {
    cidr = "10.1.0.0/24"
  }
  expect_failures = [var.cidr]
}

run "pods_in_the_range_of_the_vpc_are_refused" {
  command = plan
  variables {
    pod_cidr = "10.200.0.0/16"
  }
  expect_failures = [aws_vpc.this]
}

run "two_zones_are_too_few" {
  command = plan
  variables {
    zones = ["a", "b"]
  }
  expect_failures = [var.zones]
}
