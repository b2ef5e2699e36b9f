variable "path" {
  type        = string
  description = "Path of the environment in Parameter Store, with a slash at both ends."

  validation {
    condition     = can(regex("^/.+/$", var.path))
    error_message = "path begins and ends with a slash."
  }
}

variable "parameters" {
  type = list(object({
    name        = string
    made        = string
    description = string
  }))
  description = "What Parameter Store holds (live/parameters.json)."

  validation {
    condition     = alltrue([for each in var.parameters : contains(["generated", "by hand"], each.made)])
    error_message = "A parameter is \"generated\" or made \"by hand\"."
  }
}
