# The bus that the nodes tell of every event, and an archive out of which a new consumer is told of what has been.

resource "aws_cloudwatch_event_bus" "shop" {
  name = var.name
}

resource "aws_cloudwatch_event_archive" "shop" {
  name             = var.name
  event_source_arn = aws_cloudwatch_event_bus.shop.arn
  event_pattern    = jsonencode({ source = ["cloudretail"] })
  retention_days   = var.snapshot_days
}
