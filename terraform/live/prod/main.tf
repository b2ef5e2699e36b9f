terraform {
  required_version = ">= 1.6"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
    random = {
      source  = "hashicorp/random"
      version = "~> 3.7"
    }
  }
}

provider "aws" {
  region = local.region

  default_tags {
    tags = {
      project     = "eco2"
      environment = "prod"
      made-by     = "terraform"
    }
  }
}

locals {
  region = "ap-northeast-2"
}

module "cluster" {
  source = "../../modules/cluster"

  environment  = "prod"
  cluster      = "sesacthon-prod"
  region       = local.region
  vpc_cidr     = "10.1.0.0/16"
  domain       = "growbin.app"
  zone_name    = "growbin.app"
  app_origins  = ["https://growbin.app", "https://www.growbin.app", "https://frontend.growbin.app"]
  nat_per_zone = true
  image_days   = 30
  backup_days  = 35

  nodes_file            = "${path.module}/../nodes.json"
  service_accounts_file = "${path.module}/../service-accounts.json"
  parameters_file       = "${path.module}/../parameters.json"
}
