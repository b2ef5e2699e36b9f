variable "environment" {
  type        = string
  description = "dev or prod."

  validation {
    condition     = contains(["dev", "prod"], var.environment)
    error_message = "environment is dev or prod."
  }
}

variable "cluster" {
  type        = string
  description = "Name of the cluster."
}

variable "region" {
  type        = string
  description = "Region of everything but CloudFront's certificates."
}

variable "vpc_cidr" {
  type        = string
  description = "Address range of the VPC, a /16."
}

variable "pod_cidr" {
  type        = string
  description = "Range of the pods."
  default     = "192.168.0.0/16"
}

variable "domain" {
  type        = string
  description = "Domain of the environment: api.<domain>, images.<domain> …"
}

variable "zone_name" {
  type        = string
  description = "Hosted zone that the domain is in; it exists before."
}

variable "app_origins" {
  type        = list(string)
  description = "Origins of the app: its pages put pictures into the bucket with a signed address."

  validation {
    condition     = alltrue([for origin in var.app_origins : startswith(origin, "https://")])
    error_message = "Origins of the app are https."
  }
}

variable "nat_per_zone" {
  type        = bool
  description = "A NAT gateway in every zone."
}

variable "image_days" {
  type        = number
  description = "Days after which pictures are deleted; the house forgets them after IMAGE_TTL_DAYS."
}

variable "backup_days" {
  type        = number
  description = "Days after which backups are deleted."
}

variable "nodes_file" {
  type        = string
  description = "The one table of machines."
}

variable "service_accounts_file" {
  type        = string
  description = "Which ServiceAccount has which role."
}

variable "parameters_file" {
  type        = string
  description = "What Parameter Store holds."
}
