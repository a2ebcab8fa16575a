# What a shop has in a cloud beside its nodes: a distribution and a bucket for browsers, a bucket for snapshots, a bus
# of events, and what the nodes may do with them. Nothing here holds the shop's data but the snapshots.

terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

provider "aws" {
  region = var.region
  default_tags { tags = { Application = var.name } }
}

variable "name" {
  description = "Begins the name of everything: lower-case letters, digits and dashes; bucket names are the world's."
  type        = string
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,30}$", var.name))
    error_message = "The name has 3 to 31 lower-case letters, digits and dashes."
  }
}

variable "region" {
  description = "Where all of it is, but the distribution."
  type        = string
}

variable "gateway" {
  description = "The host name under which the nodes' gateways are reached over TLS, such as a load balancer's."
  type        = string
}

variable "snapshot_days" {
  description = "How long a snapshot is kept."
  type        = number
  default     = 35
}

output "storefront" {
  description = "For tools/storefront publish --to."
  value       = "s3://${aws_s3_bucket.storefront.bucket}"
}

output "snapshots" {
  description = "Where cloudretail snapshot create --output puts a KEY."
  value       = "s3://${aws_s3_bucket.snapshots.bucket}"
}

output "event_bus" {
  description = "The nodes' setting event-bus."
  value       = aws_cloudwatch_event_bus.shop.name
}

output "node_policy" {
  description = "For the role of the nodes' tasks or machines."
  value       = aws_iam_policy.node.arn
}

output "domain" {
  description = "Where browsers find the shop."
  value       = aws_cloudfront_distribution.storefront.domain_name
}
