# A shop in a cloud: three nodes on volumes of their own behind a balancer, a distribution and a bucket for browsers, a
# bucket for snapshots, a bus of events, secrets and alarms. The shop's data is on the volumes and in the snapshots.

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

variable "vpc" {
  description = "The network that all of it is in."
  type        = string
}

variable "node_subnets" {
  description = "A subnet for each node, each in a zone of its own, with a way to the cloud and the payment provider."
  type        = list(string)
  validation {
    condition     = length(var.node_subnets) % 2 == 1 && length(var.node_subnets) >= 3
    error_message = "A cluster has 3 nodes, or another odd number above that."
  }
}

variable "public_subnets" {
  description = "The balancer's, in two zones or more."
  type        = list(string)
}

variable "certificate" {
  description = "The ARN of the certificate for the host name in gateway."
  type        = string
}

variable "image" {
  description = "The image that tools/deploy/Dockerfile makes, where the machines find it."
  type        = string
}

variable "cluster_id" {
  description = "From make-secrets' cluster.env: 1 to 16 hexadecimal digits."
  type        = string
}

variable "payment_url" {
  description = "The payment provider."
  type        = string
}

variable "administrator" {
  description = "The e-mail address of the first administrator."
  type        = string
}

variable "machine_type" {
  description = "Of each node's machine."
  type        = string
  default     = "m7i.large"
}

variable "memory_mib" {
  description = "What a node may use of its machine's memory."
  type        = number
  default     = 6144
}

variable "volume_gib" {
  description = "Of each node's volume."
  type        = number
  default     = 50
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

output "balancer" {
  description = "What the host name in gateway has to be an alias of."
  value       = aws_lb.gateway.dns_name
}

output "alarms" {
  description = "The topic that alarms are told to."
  value       = aws_sns_topic.alarms.arn
}

output "domain" {
  description = "Where browsers find the shop."
  value       = aws_cloudfront_distribution.storefront.domain_name
}
