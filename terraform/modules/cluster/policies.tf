data "aws_caller_identity" "this" {}

locals {
  zone_arn = "arn:aws:route53:::hostedzone/${data.aws_route53_zone.this.zone_id}"
  own_tag  = "aws:ResourceTag/elbv2.k8s.aws/cluster"
  made_tag = "aws:RequestTag/elbv2.k8s.aws/cluster"

  # What each role may do: actions on resources, under conditions. The controller's own policy is made narrower: it changes and deletes
  # only what carries this cluster's tag.
  statements = {
    external-secrets = [{
      actions    = ["ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath"]
      resources  = ["arn:aws:ssm:${var.region}:${data.aws_caller_identity.this.account_id}:parameter${local.path}*"]
      conditions = {}
    }]
    external-dns = [
      { actions = ["route53:ChangeResourceRecordSets"], resources = [local.zone_arn], conditions = {} },
      { actions = ["route53:ListHostedZones", "route53:ListResourceRecordSets", "route53:ListTagsForResource"], resources = ["*"], conditions = {} },
    ]
    postgres-backup = [
      { actions = ["s3:PutObject", "s3:GetObject"], resources = ["${aws_s3_bucket.backups.arn}/*"], conditions = {} },
      { actions = ["s3:ListBucket"], resources = [aws_s3_bucket.backups.arn], conditions = {} },
    ]
    images-writer = [
      { actions = ["s3:PutObject", "s3:GetObject", "s3:DeleteObject"], resources = ["${module.images.bucket_arn}/*"], conditions = {} },
      { actions = ["s3:ListBucket"], resources = [module.images.bucket_arn], conditions = {} },
    ]
    images-reader = [
      { actions = ["s3:GetObject"], resources = ["${module.images.bucket_arn}/*"], conditions = {} },
      # Without it a picture that is gone looks like one that is forbidden.
      { actions = ["s3:ListBucket"], resources = [module.images.bucket_arn], conditions = {} },
    ]
    alb-controller = [
      {
        actions = [
          "ec2:DescribeAccountAttributes", "ec2:DescribeAddresses", "ec2:DescribeAvailabilityZones", "ec2:DescribeInstances",
          "ec2:DescribeInternetGateways", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets",
          "ec2:DescribeTags", "ec2:DescribeVpcs", "ec2:GetCoipPoolUsage", "ec2:DescribeCoipPools",
          "elasticloadbalancing:Describe*", "acm:ListCertificates", "acm:DescribeCertificate",
        ]
        resources  = ["*"]
        conditions = {}
      },
      {
        actions    = ["elasticloadbalancing:CreateLoadBalancer", "elasticloadbalancing:CreateTargetGroup"]
        resources  = ["*"]
        conditions = { (local.made_tag) = [var.cluster] }
      },
      {
        actions = [
          "elasticloadbalancing:CreateListener", "elasticloadbalancing:DeleteListener", "elasticloadbalancing:CreateRule",
          "elasticloadbalancing:DeleteRule", "elasticloadbalancing:ModifyListener", "elasticloadbalancing:ModifyRule",
          "elasticloadbalancing:AddListenerCertificates", "elasticloadbalancing:RemoveListenerCertificates",
          "elasticloadbalancing:SetRulePriorities", "elasticloadbalancing:AddTags", "elasticloadbalancing:RemoveTags",
        ]
        resources  = ["arn:aws:elasticloadbalancing:${var.region}:${data.aws_caller_identity.this.account_id}:*"]
        conditions = {}
      },
      {
        actions = [
          "elasticloadbalancing:DeleteLoadBalancer", "elasticloadbalancing:DeleteTargetGroup", "elasticloadbalancing:DeregisterTargets",
          "elasticloadbalancing:ModifyLoadBalancerAttributes", "elasticloadbalancing:ModifyTargetGroup",
          "elasticloadbalancing:ModifyTargetGroupAttributes", "elasticloadbalancing:RegisterTargets",
          "elasticloadbalancing:SetIpAddressType", "elasticloadbalancing:SetSecurityGroups", "elasticloadbalancing:SetSubnets",
        ]
        resources  = ["*"]
        conditions = { (local.own_tag) = [var.cluster] }
      },
    ]
  }
}

data "aws_iam_policy_document" "role" {
  for_each = local.statements

  dynamic "statement" {
    for_each = each.value
    content {
      actions   = statement.value.actions
      resources = statement.value.resources

      dynamic "condition" {
        for_each = statement.value.conditions
        content {
          test     = "StringEquals"
          variable = condition.key
          values   = condition.value
        }
      }
    }
  }
}
