variable "cluster" {
  type        = string
  description = "Name of the cluster; every name here begins with it."
}

variable "cidr" {
  type        = string
  description = "Address range of the VPC, a /16."

  validation {
    condition     = can(cidrhost(var.cidr, 0)) && endswith(var.cidr, "/16")
    error_message = "cidr has to be a /16, e.g. 10.0.0.0/16."
  }
}

variable "zones" {
  type        = list(string)
  description = "Three availability zones; subnet n of the node table is in the n-th."

  validation {
    condition     = length(var.zones) == 3 && length(distinct(var.zones)) == 3
    error_message = "The node table spreads machines over three zones."
  }
}

variable "nat_per_zone" {
  type        = bool
  description = "A NAT gateway in every zone, so that one zone's loss keeps the others' way out; false: one for all, for less money."
}

variable "pod_cidr" {
  type        = string
  description = "Range of the pods (Calico, VXLAN); it may not meet the VPC's."

  validation {
    condition     = can(cidrhost(var.pod_cidr, 0))
    error_message = "pod_cidr has to be a CIDR block."
  }
}
