variable "domain" {
  type        = string
  description = "Name that the certificate is for."
}

variable "alternatives" {
  type        = list(string)
  description = "Further names, e.g. a wildcard."
  default     = []
}

variable "zone_id" {
  type        = string
  description = "Hosted zone that proves the names."
}

variable "region" {
  type        = string
  description = "Region of the certificate; CloudFront takes only those of us-east-1."
}
