resource "aws_acm_certificate" "this" {
  region                    = var.region
  domain_name               = var.domain
  subject_alternative_names = var.alternatives
  validation_method         = "DNS"

  lifecycle {
    create_before_destroy = true
  }
}

# A wildcard and the name below it are proven by one record: by name, so that it is made once.
resource "aws_route53_record" "proof" {
  for_each = toset([for name in concat([var.domain], var.alternatives) : trimprefix(name, "*.")])

  zone_id = var.zone_id
  name    = one(distinct([for proof in aws_acm_certificate.this.domain_validation_options : proof.resource_record_name if trimprefix(proof.domain_name, "*.") == each.key]))
  type    = "CNAME"
  ttl     = 300
  records = distinct([for proof in aws_acm_certificate.this.domain_validation_options : proof.resource_record_value if trimprefix(proof.domain_name, "*.") == each.key])

  # Another certificate for the same name has the same proof.
  allow_overwrite = true
}

resource "aws_acm_certificate_validation" "this" {
  region                  = var.region
  certificate_arn         = aws_acm_certificate.this.arn
  validation_record_fqdns = [for record in aws_route53_record.proof : record.fqdn]
}
