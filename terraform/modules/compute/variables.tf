variable "cluster" {
  type        = string
  description = "Name of the cluster."
}

variable "environment" {
  type        = string
  description = "Which count of the node table holds."
}

variable "nodes" {
  type = list(object({
    name     = string
    type     = string
    disk_gib = number
    subnet   = number
    count    = map(number)
    group    = string
    labels   = map(string)
    taints   = list(object({ key = string, value = string, effect = string }))
  }))
  description = "Rows of the node table (live/nodes.json)."

  validation {
    condition     = alltrue([for row in var.nodes : row.subnet >= 1 && row.subnet <= 3 && row.disk_gib >= 20])
    error_message = "A row's subnet is 1 to 3, its disk at least 20 GiB."
  }
  validation {
    condition     = length(distinct(var.nodes[*].name)) == length(var.nodes)
    error_message = "Two rows have one name."
  }
}

variable "subnet_ids" {
  type        = list(string)
  description = "Private subnets, subnet 1 first."
}

variable "security_group_id" {
  type        = string
  description = "Security group of the machines."
}

variable "ami_parameter" {
  type        = string
  description = "Public parameter that names the machine image; read once, a newer one replaces no machine."
  default     = "/aws/service/canonical/ubuntu/server/22.04/stable/current/amd64/hvm/ebs-gp2/ami-id"

  validation {
    condition     = startswith(var.ami_parameter, "/aws/service/")
    error_message = "Only public parameters of AWS name images."
  }
}
