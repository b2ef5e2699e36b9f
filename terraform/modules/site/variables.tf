variable "bucket" {
  type        = string
  description = "Name of the bucket."
}

variable "domain" {
  type        = string
  description = "Name that people read it at."
}

variable "zone_id" {
  type        = string
  description = "Hosted zone of the domain."
}

variable "certificate_arn" {
  type        = string
  description = "Certificate of the domain in us-east-1."
}

variable "upload_origins" {
  type        = list(string)
  description = "Origins of pages that may put files with a signed address; none: only roles write."
  default     = []
}

variable "days" {
  type        = number
  description = "Days after which files are deleted, earlier versions after as many again; 0: never."
  default     = 0

  validation {
    condition     = var.days >= 0
    error_message = "days is a number of days, or 0."
  }
}

variable "cache_seconds" {
  type        = number
  description = "How long the edge keeps a file that says nothing of it itself."
}
