locals {
  # /24 each: public from 1 on, private from 101 on.
  subnets = {
    for index, zone in var.zones : zone => {
      public  = cidrsubnet(var.cidr, 8, index + 1)
      private = cidrsubnet(var.cidr, 8, index + 101)
    }
  }
  nat_zones = var.nat_per_zone ? var.zones : slice(var.zones, 0, 1)
}

resource "aws_vpc" "this" {
  cidr_block           = var.cidr
  enable_dns_support   = true
  enable_dns_hostnames = true
  tags                 = { Name = var.cluster }

  lifecycle {
    precondition {
      condition     = split(".", var.cidr)[0] != split(".", var.pod_cidr)[0]
      error_message = "The pods' range meets the VPC's."
    }
  }
}

# The default group of a VPC lets its members reach each other; nobody is to be in it.
resource "aws_default_security_group" "nobody" {
  vpc_id = aws_vpc.this.id
}

resource "aws_internet_gateway" "this" {
  vpc_id = aws_vpc.this.id
  tags   = { Name = var.cluster }
}

resource "aws_subnet" "public" {
  for_each = local.subnets

  vpc_id                  = aws_vpc.this.id
  availability_zone       = each.key
  cidr_block              = each.value.public
  map_public_ip_on_launch = false
  tags = {
    Name                                   = "${var.cluster}-public-${each.key}"
    "kubernetes.io/role/elb"               = "1"
    "kubernetes.io/cluster/${var.cluster}" = "shared"
  }
}

resource "aws_subnet" "private" {
  for_each = local.subnets

  vpc_id            = aws_vpc.this.id
  availability_zone = each.key
  cidr_block        = each.value.private
  tags = {
    Name                                   = "${var.cluster}-private-${each.key}"
    "kubernetes.io/role/internal-elb"      = "1"
    "kubernetes.io/cluster/${var.cluster}" = "shared"
  }
}

resource "aws_eip" "nat" {
  for_each = toset(local.nat_zones)

  domain = "vpc"
  tags   = { Name = "${var.cluster}-nat-${each.key}" }
}

resource "aws_nat_gateway" "this" {
  for_each = toset(local.nat_zones)

  subnet_id     = aws_subnet.public[each.key].id
  allocation_id = aws_eip.nat[each.key].id
  tags          = { Name = "${var.cluster}-${each.key}" }

  depends_on = [aws_internet_gateway.this]
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.this.id
  tags   = { Name = "${var.cluster}-public" }
}

resource "aws_route" "internet" {
  route_table_id         = aws_route_table.public.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.this.id
}

resource "aws_route_table_association" "public" {
  for_each = aws_subnet.public

  subnet_id      = each.value.id
  route_table_id = aws_route_table.public.id
}

resource "aws_route_table" "private" {
  for_each = local.subnets

  vpc_id = aws_vpc.this.id
  tags   = { Name = "${var.cluster}-private-${each.key}" }
}

resource "aws_route" "out" {
  for_each = local.subnets

  route_table_id         = aws_route_table.private[each.key].id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.this[var.nat_per_zone ? each.key : local.nat_zones[0]].id
}

resource "aws_route_table_association" "private" {
  for_each = aws_subnet.private

  subnet_id      = each.value.id
  route_table_id = aws_route_table.private[each.key].id
}

# Pictures and backups go to S3 without paying the NAT gateway for it.
resource "aws_vpc_endpoint" "s3" {
  vpc_id            = aws_vpc.this.id
  service_name      = "com.amazonaws.${data.aws_region.this.region}.s3"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = [for table in aws_route_table.private : table.id]
  tags              = { Name = "${var.cluster}-s3" }
}

data "aws_region" "this" {}

resource "aws_security_group" "alb" {
  name        = "${var.cluster}-alb"
  description = "The load balancer: the one thing that the world may reach"
  vpc_id      = aws_vpc.this.id
  tags        = { Name = "${var.cluster}-alb" }
}

resource "aws_security_group" "nodes" {
  name        = "${var.cluster}-nodes"
  description = "Machines of the cluster: each other, and NodePorts from the load balancer"
  vpc_id      = aws_vpc.this.id
  tags = {
    Name                                   = "${var.cluster}-nodes"
    "kubernetes.io/cluster/${var.cluster}" = "owned"
  }
}

resource "aws_vpc_security_group_ingress_rule" "alb_web" {
  for_each = { http = 80, https = 443 }

  security_group_id = aws_security_group.alb.id
  description       = each.key == "http" ? "only to be sent on to https" : "the app"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = each.value
  to_port           = each.value
}

resource "aws_vpc_security_group_egress_rule" "alb_to_nodes" {
  security_group_id            = aws_security_group.alb.id
  description                  = "NodePorts of the services"
  referenced_security_group_id = aws_security_group.nodes.id
  ip_protocol                  = "tcp"
  from_port                    = 30000
  to_port                      = 32767
}

# Kubelet, API server, etcd, VXLAN (4789/udp), Typha (5473): between machines nothing is held back, since one closed port of them was an incident.
resource "aws_vpc_security_group_ingress_rule" "nodes_each_other" {
  security_group_id            = aws_security_group.nodes.id
  description                  = "each other"
  referenced_security_group_id = aws_security_group.nodes.id
  ip_protocol                  = "-1"
}

resource "aws_vpc_security_group_ingress_rule" "nodes_from_alb" {
  security_group_id            = aws_security_group.nodes.id
  description                  = "NodePorts from the load balancer"
  referenced_security_group_id = aws_security_group.alb.id
  ip_protocol                  = "tcp"
  from_port                    = 30000
  to_port                      = 32767
}

# People come through SSM, which the machine itself calls: no port is open for them.
resource "aws_vpc_security_group_egress_rule" "nodes_out" {
  security_group_id = aws_security_group.nodes.id
  description       = "packages, images, providers; NetworkPolicies say which pod may"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "-1"
}
