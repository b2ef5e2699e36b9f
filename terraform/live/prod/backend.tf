# The bucket is made once by hand: terraform/README.md says how.
terraform {
  backend "s3" {
    bucket       = "sesacthon-terraform-state"
    key          = "eco2/prod.tfstate"
    region       = "ap-northeast-2"
    encrypt      = true
    use_lockfile = true
  }
}
