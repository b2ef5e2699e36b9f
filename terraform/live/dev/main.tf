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
      environment = "dev"
      made-by     = "terraform"
    }
  }
}

locals {
  region = "ap-northeast-2"
}

module "cluster" {
  source = "../../modules/cluster"

  environment  = "dev"
  cluster      = "sesacthon-dev"
  region       = local.region
  vpc_cidr     = "10.0.0.0/16"
  domain       = "dev.growbin.app"
  zone_name    = "growbin.app"
  app_origins  = ["https://frontend1.dev.growbin.app", "https://frontend2.dev.growbin.app", "https://frontend.dev.growbin.app"]
  nat_per_zone = false
  image_days   = 30
  backup_days  = 14

  nodes_file            = "${path.module}/../nodes.json"
  service_accounts_file = "${path.module}/../service-accounts.json"
  parameters_file       = "${path.module}/../parameters.json"
}
