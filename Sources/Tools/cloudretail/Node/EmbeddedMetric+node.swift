import Gateway

extension EmbeddedMetric {
    /// What CloudWatch is told of a node: what the alarms of `tools/deploy/terraform` look at and what its dashboard
    /// shows, and no more, since CloudWatch is paid for by the metric.
    static let ofNode = [
        EmbeddedMetric("raft_is_leader"),
        EmbeddedMetric("raft_knows_leader", fold: .least),
        EmbeddedMetric("peers_connected"),
        EmbeddedMetric("disk_free_bytes", fold: .least),
        EmbeddedMetric("disk_full"),
        EmbeddedMetric("log_commit_waits_total"),
        EmbeddedMetric("log_commit_wait_seconds_total"),
        EmbeddedMetric("log_lines_dropped_total"),
        EmbeddedMetric("http_requests_total"),
        EmbeddedMetric("http_connections_refused_total"),
        EmbeddedMetric("http_unexpected_errors_total"),
        EmbeddedMetric(
            "orders_placed_total", of: "http_requests_total",
            where: ["method": "POST", "route": "/api/v1/orders", "status": "201"]),
        EmbeddedMetric(
            "order_seconds", of: "http_request_duration_seconds", where: ["method": "POST", "route": "/api/v1/orders"]),
        EmbeddedMetric("payment_in_process", of: "payment_provider_info", where: ["provider": "in-process"]),
        EmbeddedMetric("payment_breaker_open", of: "payment_breaker_state", where: ["state": "open"]),
        EmbeddedMetric("payment_attempts_total"),
        EmbeddedMetric("payment_failures_total"),
        EmbeddedMetric("event_bus_published_total"),
        EmbeddedMetric("event_bus_failures_total"),
        EmbeddedMetric("event_bus_failing"),
        EmbeddedMetric("webhook_deliveries_total"),
        EmbeddedMetric("webhook_failures_total"),
        EmbeddedMetric("webhook_oldest_age_seconds"),
    ]
}
