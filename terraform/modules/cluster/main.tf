locals {
  path        = "/sesacthon/${var.environment}/"
  prefix      = "${var.environment}-${var.cluster}"
  issuer_host = "oidc.${var.domain}"
}

data "aws_availability_zones" "this" {
  state = "available"
  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }
}

data "aws_route53_zone" "this" {
  name = var.zone_name
}

module "network" {
  source = "../network"

  cluster      = var.cluster
  cidr         = var.vpc_cidr
  pod_cidr     = var.pod_cidr
  zones        = slice(sort(data.aws_availability_zones.this.names), 0, 3)
  nat_per_zone = var.nat_per_zone
}

module "compute" {
  source = "../compute"

  cluster           = var.cluster
  environment       = var.environment
  nodes             = jsondecode(file(var.nodes_file)).nodes
  subnet_ids        = module.network.private_subnet_ids
  security_group_id = module.network.nodes_security_group_id
}

# The load balancer finds it by the host names of the Ingresses.
module "certificate" {
  source = "../certificate"

  domain       = var.domain
  alternatives = ["*.${var.domain}"]
  zone_id      = data.aws_route53_zone.this.zone_id
  region       = var.region
}

module "edge_certificate" {
  source = "../certificate"

  domain       = "images.${var.domain}"
  alternatives = [local.issuer_host]
  zone_id      = data.aws_route53_zone.this.zone_id
  region       = "us-east-1"
}

module "images" {
  source = "../site"

  bucket          = "${local.prefix}-images"
  domain          = "images.${var.domain}"
  zone_id         = data.aws_route53_zone.this.zone_id
  certificate_arn = module.edge_certificate.arn
  upload_origins  = var.app_origins
  days            = var.image_days
  cache_seconds   = 86400
}

# The API server's keys, which AWS and nobody else has to be able to read without being asked who it is; Ansible puts them here.
module "issuer" {
  source = "../site"

  bucket          = "${local.prefix}-oidc"
  domain          = local.issuer_host
  zone_id         = data.aws_route53_zone.this.zone_id
  certificate_arn = module.edge_certificate.arn
  cache_seconds   = 60
}

resource "aws_s3_bucket" "backups" {
  bucket = "${local.prefix}-backups"

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_s3_bucket_public_access_block" "backups" {
  bucket                  = aws_s3_bucket.backups.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_server_side_encryption_configuration" "backups" {
  bucket = aws_s3_bucket.backups.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_versioning" "backups" {
  bucket = aws_s3_bucket.backups.id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "backups" {
  bucket = aws_s3_bucket.backups.id

  rule {
    id     = "forget"
    status = "Enabled"
    filter {}
    expiration {
      days = var.backup_days
    }
    noncurrent_version_expiration {
      noncurrent_days = var.backup_days
    }
  }

  depends_on = [aws_s3_bucket_versioning.backups]
}

# What Ansible hands to machines over SSM; gone after a day.
resource "aws_s3_bucket" "transfer" {
  bucket        = "${local.prefix}-transfer"
  force_destroy = true
}

resource "aws_s3_bucket_public_access_block" "transfer" {
  bucket                  = aws_s3_bucket.transfer.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_server_side_encryption_configuration" "transfer" {
  bucket = aws_s3_bucket.transfer.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "transfer" {
  bucket = aws_s3_bucket.transfer.id

  rule {
    id     = "forget"
    status = "Enabled"
    filter {}
    expiration {
      days = 1
    }
  }
}

module "identity" {
  source = "../identity"

  cluster          = var.cluster
  issuer_host      = local.issuer_host
  service_accounts = jsondecode(file(var.service_accounts_file))
  policies         = { for role, document in data.aws_iam_policy_document.role : role => document.json }
  managed_policies = { ebs-csi = "arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy" }
}

module "parameters" {
  source = "../parameters"

  path       = local.path
  parameters = jsondecode(file(var.parameters_file))
}
