variables {
  bucket          = "test-images"
  domain          = "images.example.org"
  zone_id         = "Z1"
  certificate_arn = "arn:aws:acm:us-east-1:1:certificate/1"
  cache_seconds   = 60
}

run "nobody_reads_the_bucket_but_the_edge" {
  command = plan

  assert {
    condition = alltrue([
      aws_s3_bucket_public_access_block.this.block_public_acls, aws_s3_bucket_public_access_block.this.block_public_policy,
      aws_s3_bucket_public_access_block.this.ignore_public_acls, aws_s3_bucket_public_access_block.this.restrict_public_buckets,
    ])
    error_message = "the bucket is not public"
  }
  assert {
    condition     = data.aws_iam_policy_document.edge.statement[0].actions == toset(["s3:GetObject"])
    error_message = "the edge reads and nothing else"
  }
  assert {
    condition     = aws_cloudfront_distribution.this.default_cache_behavior[0].allowed_methods == toset(["GET", "HEAD"])
    error_message = "nobody writes through the edge"
  }
  assert {
    condition     = aws_cloudfront_distribution.this.default_cache_behavior[0].viewer_protocol_policy == "redirect-to-https"
    error_message = "https alone"
  }
}

run "files_are_kept_and_put_by_nobody_unless_said" {
  command = plan

  assert {
    condition     = length(aws_s3_bucket_lifecycle_configuration.this) == 0 && length(aws_s3_bucket_cors_configuration.this) == 0
    error_message = "no term and no origins where none are given"
  }
}

run "pictures_have_a_term_and_are_put_by_the_app" {
  command = plan
  variables {
    days           = 30
    upload_origins = ["https://app.example.org"]
  }

  assert {
    condition     = aws_s3_bucket_lifecycle_configuration.this[0].rule[0].expiration[0].days == 30
    error_message = "pictures are deleted after their term"
  }
  assert {
    condition     = one(aws_s3_bucket_cors_configuration.this[0].cors_rule).allowed_origins == toset(["https://app.example.org"])
    error_message = "the app's origins alone"
  }
}
