# Three machines in three zones, each with a volume that outlives it. Fargate would give each task a new, empty volume,
# and a node with an empty disk is another node: so tasks run on machines, each on the one that has its volume.

locals {
  # By the numbers of the nodes: the subnet of each.
  nodes = { for place, subnet in var.node_subnets : tostring(place + 1) => subnet }
}

data "aws_subnet" "node" {
  for_each = local.nodes
  id       = each.value
  lifecycle {
    postcondition {
      condition     = self.vpc_id == var.vpc
      error_message = "The subnet is in another network."
    }
  }
}

# A zone that is lost takes one node with it.
resource "terraform_data" "zones" {
  input = [for subnet in data.aws_subnet.node : subnet.availability_zone]
  lifecycle {
    precondition {
      condition = (
        length(distinct([for subnet in data.aws_subnet.node : subnet.availability_zone])) == length(local.nodes)
      )
      error_message = "Two nodes are in one zone."
    }
  }
}

data "aws_ssm_parameter" "machine_image" {
  name = "/aws/service/ecs/optimized-ami/amazon-linux-2/recommended/image_id"
}

data "aws_iam_policy_document" "machines" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "machine" {
  name               = "${var.name}-machine"
  assume_role_policy = data.aws_iam_policy_document.machines.json
}

resource "aws_iam_role_policy_attachment" "machine" {
  role       = aws_iam_role.machine.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role"
}

resource "aws_iam_instance_profile" "machine" {
  name = "${var.name}-machine"
  role = aws_iam_role.machine.name
}

resource "aws_ebs_volume" "node" {
  for_each          = local.nodes
  availability_zone = data.aws_subnet.node[each.key].availability_zone
  size              = var.volume_gib
  type              = "gp3"
  encrypted         = true
  tags              = { Name = "${var.name}-node-${each.key}" }
}

resource "aws_instance" "node" {
  for_each               = local.nodes
  ami                    = data.aws_ssm_parameter.machine_image.value
  instance_type          = var.machine_type
  subnet_id              = each.value
  vpc_security_group_ids = [aws_security_group.node.id]
  iam_instance_profile   = aws_iam_instance_profile.machine.name
  tags                   = { Name = "${var.name}-node-${each.key}" }

  # The volume is formatted only where it has no file system yet; the agent begins once it is mounted.
  user_data = <<-EOT
    #!/bin/bash
    set -euo pipefail
    device=/dev/xvdf
    until [ -e "$device" ]; do sleep 1; done
    blkid "$device" || mkfs.ext4 -L shop "$device"
    mkdir -p /var/lib/cloudretail
    grep -q LABEL=shop /etc/fstab || echo 'LABEL=shop /var/lib/cloudretail ext4 defaults 0 2' >>/etc/fstab
    mountpoint -q /var/lib/cloudretail || mount /var/lib/cloudretail
    chown 10001:10001 /var/lib/cloudretail && chmod 0700 /var/lib/cloudretail
    echo 'ECS_CLUSTER=${var.name}' >>/etc/ecs/ecs.config
    echo 'ECS_INSTANCE_ATTRIBUTES={"node":"${each.key}"}' >>/etc/ecs/ecs.config
    echo 'ECS_CONTAINER_STOP_TIMEOUT=60s' >>/etc/ecs/ecs.config
  EOT

  metadata_options {
    http_endpoint = "enabled"
    http_tokens   = "required"
    # Containers have credentials of their own, and reach none of the machine's.
    http_put_response_hop_limit = 1
  }

  # A new image is for a machine that is replaced on purpose, one after the other.
  lifecycle { ignore_changes = [ami, user_data] }
}

resource "aws_volume_attachment" "node" {
  for_each    = local.nodes
  device_name = "/dev/xvdf"
  volume_id   = aws_ebs_volume.node[each.key].id
  instance_id = aws_instance.node[each.key].id
  # The node hands leadership over and closes its files before its disk goes.
  stop_instance_before_detaching = true
}
