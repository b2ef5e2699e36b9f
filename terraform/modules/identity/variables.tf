variable "cluster" {
  type        = string
  description = "Name of the cluster; names of roles begin with it."
}

variable "issuer_host" {
  type        = string
  description = "Host (and path) that serves the API server's keys for ServiceAccount tokens, without https://."

  validation {
    condition     = can(regex("^[a-z0-9.-]+(/[a-z0-9-]+)?$", var.issuer_host))
    error_message = "issuer_host is a host with at most one path segment, without https://."
  }
}

variable "service_accounts" {
  type = list(object({
    role      = string
    namespace = string
    name      = string
  }))
  description = "Which ServiceAccount has which role (live/service-accounts.json); the manifests' tests hold the names."
}

variable "policies" {
  type        = map(string)
  description = "What each role may do, as JSON by role."
}

variable "managed_policies" {
  type        = map(string)
  description = "AWS' own policies by role, by ARN."
  default     = {}
}
