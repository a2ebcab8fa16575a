# What a node may do: tell the bus, write snapshots and read them; and, each for itself, read its secrets.

data "aws_iam_policy_document" "node" {
  statement {
    actions   = ["events:PutEvents"]
    resources = [aws_cloudwatch_event_bus.shop.arn]
  }
  statement {
    actions   = ["s3:PutObject", "s3:GetObject", "s3:AbortMultipartUpload"]
    resources = ["${aws_s3_bucket.snapshots.arn}/*"]
  }
  # An archive (--to s3://BUCKET/archive) joins its files, and lets go of its lock.
  statement {
    actions   = ["s3:DeleteObject"]
    resources = ["${aws_s3_bucket.snapshots.arn}/archive/*"]
  }
  # Without it the service calls an object that is not there forbidden.
  statement {
    actions   = ["s3:ListBucket"]
    resources = [aws_s3_bucket.snapshots.arn]
  }
  statement {
    actions   = ["secretsmanager:GetSecretValue"]
    resources = [aws_secretsmanager_secret.shop.arn]
  }
}

resource "aws_iam_policy" "node" {
  name   = "${var.name}-node"
  policy = data.aws_iam_policy_document.node.json
}

data "aws_iam_policy_document" "tasks" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "node" {
  for_each           = local.nodes
  name               = "${var.name}-node-${each.key}"
  assume_role_policy = data.aws_iam_policy_document.tasks.json
}

resource "aws_iam_role_policy_attachment" "node" {
  for_each   = local.nodes
  role       = aws_iam_role.node[each.key].name
  policy_arn = aws_iam_policy.node.arn
}

# A node reads its own key, and no other node's.
data "aws_iam_policy_document" "own" {
  for_each = local.nodes
  statement {
    actions   = ["secretsmanager:GetSecretValue"]
    resources = [aws_secretsmanager_secret.node[each.key].arn]
  }
}

resource "aws_iam_role_policy" "own" {
  for_each = local.nodes
  name     = "own-secrets"
  role     = aws_iam_role.node[each.key].name
  policy   = data.aws_iam_policy_document.own[each.key].json
}
