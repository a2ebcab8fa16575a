/// The handles of one route: requests by status, and how long they took.
final class RouteMetrics: Sendable {
    /// The statuses that we send. Another one is counted with the first of its hundred.
    static let statuses = [
        200, 201, 202, 204, 206, 300, 304, 400, 401, 402, 403, 404, 405, 408, 409, 410, 412, 413, 415, 422, 428,
        429, 431, 500, 503,
    ]

    private let requests: [Counter]
    private let duration: Histogram
    private static let index: [UInt8] = {
        (0..<600).map { status in
            let known = statuses.firstIndex(of: status) ?? statuses.firstIndex { $0 / 100 == max(2, status / 100) } ?? 0
            return UInt8(known)
        }
    }()

    /// - Parameter route: the pattern, such as `/api/v1/orders/{id}`.
    init(_ metrics: Metrics, method: String, route: String) {
        let counters = Self.statuses.map { _ in Counter() }
        requests = counters
        let labels: Metrics.Labels = [("method", method), ("route", route)]
        duration = metrics.histogram("http_request_duration_seconds", "From a request's header to its answer.", labels)
        metrics.register("http_requests_total", .counter, "Requests answered.", labels) {
            zip(Self.statuses, counters).filter { $1.value > 0 }.map { status, counter in
                MetricSample(labels + [("status", String(status))], counter.value)
            }
        }
    }

    func record(status: Int, nanoseconds: Int64) {
        requests[Int(Self.index[min(max(status, 0), 599)])].add()
        duration.record(nanoseconds: nanoseconds)
    }
}
