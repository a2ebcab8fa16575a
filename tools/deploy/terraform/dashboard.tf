# What the nodes have told of themselves lately.

locals {
  # By the title of each picture: the metrics in it, and the statistic.
  pictures = {
    "Requests a minute" = {
      statistic = "Sum", metrics = ["http_requests_total", "orders_placed_total"]
    }
    "An order's time, 99 of 100" = {
      statistic = "p99", metrics = ["order_seconds"]
    }
    "Decisions, and what they have waited for their records" = {
      statistic = "Sum", metrics = ["log_commit_waits_total", "log_commit_wait_seconds_total"]
    }
    "Shards led" = {
      statistic = "Sum", metrics = ["raft_is_leader"]
    }
    "The least free of all volumes" = {
      statistic = "Minimum", metrics = ["disk_free_bytes"]
    }
    "The payment provider" = {
      statistic = "Sum", metrics = ["payment_attempts_total", "payment_failures_total"]
    }
    "Events told" = {
      statistic = "Sum", metrics = [
        "event_bus_published_total", "event_bus_failures_total", "webhook_deliveries_total", "webhook_failures_total"
      ]
    }
  }
}

resource "aws_cloudwatch_dashboard" "shop" {
  dashboard_name = var.name
  dashboard_body = jsonencode({
    widgets = [for title, picture in local.pictures : {
      type = "metric", width = 12, height = 6
      properties = {
        title   = title, region = var.region, stat = picture.statistic, period = 60
        metrics = [for metric in picture.metrics : [var.name, metric, "cluster", local.cluster]]
      }
    }]
  })
}
