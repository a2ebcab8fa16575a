# What wakes people, told to the topic whose subscribers they are.

resource "aws_sns_topic" "alarms" {
  name = "${var.name}-alarms"
}

locals {
  balancer = { LoadBalancer = aws_lb.gateway.arn_suffix }
  targets  = merge(local.balancer, { TargetGroup = aws_lb_target_group.gateway.arn_suffix })
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
    bus-behind = {
      says      = "The event bus takes no events."
      namespace = var.name, metric = "bus-refusals", dimensions = {}
      statistic = "Sum", below = false, limit = 1, for = 1, missing = "notBreaching"
    }
  }
  # What the lines of the log are counted by.
  counted = {
    errors       = "{ ($.level = \"error\") || ($.level = \"critical\") }"
    bus-refusals = "{ $.message = \"The event bus does not take events\" }"
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
  statistic           = each.value.statistic
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
