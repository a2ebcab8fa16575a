# What wakes people, told to the topic whose subscribers they are.

resource "aws_sns_topic" "alarms" {
  name = "${var.name}-alarms"
}

locals {
  balancer = { LoadBalancer = aws_lb.gateway.arn_suffix }
  targets  = merge(local.balancer, { TargetGroup = aws_lb_target_group.gateway.arn_suffix })
  # What nodes tell of themselves, all of them together (`cloudwatch-namespace`).
  shop = { cluster = local.cluster }
  # A minute each; `for` how many of them. What is not told counts as `missing`.
  alarms = {
    node-lost = {
      says      = "A node takes no requests."
      namespace = "AWS/ApplicationELB", metric = "HealthyHostCount", dimensions = local.targets
      statistic = "Minimum", below = true, limit = length(local.nodes), for = 5, missing = "breaching"
    }
    shop-down = {
      says      = "No majority of the nodes takes requests: no order is taken."
      namespace = "AWS/ApplicationELB", metric = "HealthyHostCount", dimensions = local.targets
      statistic = "Maximum", below = true, limit = floor(length(local.nodes) / 2) + 1, for = 1, missing = "breaching"
    }
    failing = {
      says      = "The gateways answer with errors."
      namespace = "AWS/ApplicationELB", metric = "HTTPCode_Target_5XX_Count", dimensions = local.balancer
      statistic = "Sum", below = false, limit = 60, for = 5, missing = "notBreaching"
    }
    unreachable = {
      says      = "The balancer reaches no gateway for requests."
      namespace = "AWS/ApplicationELB", metric = "HTTPCode_ELB_5XX_Count", dimensions = local.balancer
      statistic = "Sum", below = false, limit = 30, for = 2, missing = "notBreaching"
    }
    errors = {
      says      = "Nodes write errors to their log."
      namespace = var.name, metric = "errors", dimensions = {}
      statistic = "Sum", below = false, limit = 1, for = 3, missing = "notBreaching"
    }
    no-leader = {
      says      = "A node knows of no leader of a shard, or none tells its metrics: no order is taken there."
      namespace = var.name, metric = "raft_knows_leader", dimensions = local.shop
      statistic = "Minimum", below = true, limit = 1, for = 2, missing = "breaching"
    }
    peers-unconnected = {
      says      = "A node is not connected to all others."
      namespace = var.name, metric = "peers_connected", dimensions = local.shop
      statistic = "Minimum", below = true, limit = length(local.nodes) - 1, for = 3, missing = "notBreaching"
    }
    disk-full = {
      says      = "A node's volume is full: it takes nothing new on."
      namespace = var.name, metric = "disk_full", dimensions = local.shop
      statistic = "Maximum", below = false, limit = 1, for = 1, missing = "notBreaching"
    }
    disk-filling = {
      says      = "A node's volume is full but for a fifth."
      namespace = var.name, metric = "disk_free_bytes", dimensions = local.shop
      statistic = "Minimum", below = true, limit = var.volume_gib * pow(1024, 3) / 5, for = 5, missing = "notBreaching"
    }
    unexpected-errors = {
      says      = "A gateway met an error that no problem names."
      namespace = var.name, metric = "http_unexpected_errors_total", dimensions = local.shop
      statistic = "Sum", below = false, limit = 1, for = 1, missing = "notBreaching"
    }
    connections-refused = {
      says      = "Gateways close connections for a limit."
      namespace = var.name, metric = "http_connections_refused_total", dimensions = local.shop
      statistic = "Sum", below = false, limit = 60, for = 5, missing = "notBreaching"
    }
    log-lines-dropped = {
      says      = "A node has dropped lines of its log: its reader is too slow."
      namespace = var.name, metric = "log_lines_dropped_total", dimensions = local.shop
      statistic = "Sum", below = false, limit = 1, for = 1, missing = "notBreaching"
    }
    orders-slow = {
      # Times are told as the upper bounds of buckets: what takes more than a second, as 2.5.
      says      = "One order in a hundred takes more than a second."
      namespace = var.name, metric = "order_seconds", dimensions = local.shop
      statistic = "p99", below = false, limit = 2, for = 5, missing = "notBreaching"
    }
    payment-breaker-open = {
      says      = "A node asks the payment provider no more: orders are refused until it answers."
      namespace = var.name, metric = "payment_breaker_open", dimensions = local.shop
      statistic = "Maximum", below = false, limit = 1, for = 1, missing = "notBreaching"
    }
    no-payment-provider = {
      says      = "A node charges no customer."
      namespace = var.name, metric = "payment_in_process", dimensions = local.shop
      statistic = "Maximum", below = false, limit = 1, for = 1, missing = "notBreaching"
    }
    bus-behind = {
      says      = "The event bus takes no events."
      namespace = var.name, metric = "event_bus_failing", dimensions = local.shop
      statistic = "Maximum", below = false, limit = 1, for = 2, missing = "notBreaching"
    }
    webhooks-behind = {
      says      = "A webhook endpoint has not taken an event for three hours."
      namespace = var.name, metric = "webhook_oldest_age_seconds", dimensions = local.shop
      statistic = "Maximum", below = false, limit = 10800, for = 1, missing = "notBreaching"
    }
  }
  # What the lines of the log are counted by.
  counted = {
    errors = "{ ($.level = \"error\") || ($.level = \"critical\") }"
  }
}

resource "aws_cloudwatch_log_metric_filter" "counted" {
  for_each       = local.counted
  name           = "${var.name}-${each.key}"
  log_group_name = aws_cloudwatch_log_group.shop.name
  pattern        = each.value
  metric_transformation {
    name      = each.key
    namespace = var.name
    value     = "1"
  }
}

resource "aws_cloudwatch_metric_alarm" "shop" {
  for_each            = local.alarms
  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.says
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = startswith(each.value.statistic, "p") ? null : each.value.statistic
  extended_statistic  = startswith(each.value.statistic, "p") ? each.value.statistic : null
  comparison_operator = each.value.below ? "LessThanThreshold" : "GreaterThanOrEqualToThreshold"
  threshold           = each.value.limit
  period              = 60
  evaluation_periods  = each.value.for
  treat_missing_data  = each.value.missing
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}

# A machine whose host fails is started on another one, with its volume and its address.
resource "aws_cloudwatch_metric_alarm" "machine" {
  for_each            = local.nodes
  alarm_name          = "${var.name}-machine-${each.key}"
  alarm_description   = "The host of a node's machine has failed."
  namespace           = "AWS/EC2"
  metric_name         = "StatusCheckFailed_System"
  dimensions          = { InstanceId = aws_instance.node[each.key].id }
  statistic           = "Maximum"
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  period              = 60
  evaluation_periods  = 2
  alarm_actions       = ["arn:aws:automate:${var.region}:ec2:recover", aws_sns_topic.alarms.arn]
}
