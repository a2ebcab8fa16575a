# What a node may do: tell the bus, write snapshots and read them.

data "aws_iam_policy_document" "node" {
  statement {
    actions   = ["events:PutEvents"]
    resources = [aws_cloudwatch_event_bus.shop.arn]
  }
  statement {
    actions   = ["s3:PutObject", "s3:GetObject", "s3:AbortMultipartUpload"]
    resources = ["${aws_s3_bucket.snapshots.arn}/*"]
  }
  # Without it the service calls an object that is not there forbidden.
  statement {
    actions   = ["s3:ListBucket"]
    resources = [aws_s3_bucket.snapshots.arn]
  }
}

resource "aws_iam_policy" "node" {
  name   = "${var.name}-node"
  policy = data.aws_iam_policy_document.node.json
}
