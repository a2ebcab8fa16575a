import Checkout
import Commerce
import EventSourcing
import Hummingbird

/// `GET /api/v1/statistics/orders`: what became of orders, hour by hour or day by day, for the charts of staff.
struct OrderStatisticsRoute: Sendable {
    let statistics: OrderStatistics
    let shop: Shop

    func add(to routes: GatewayRoutes) {
        routes.get("/api/v1/statistics/orders", .staff) { request, _ in try await counts(request) }
    }

    private func counts(_ request: Request) async throws -> Response {
        let query = try OrderStatisticsQuery.read(request, now: shop.clock())
        try await statistics.catchUp()
        let (since, stretches) = statistics.counts(from: query.begin, to: query.end, each: query.length.duration)
        var json = JSONWriter(capacity: 256 + 256 * stretches.count)
        json.object { json in
            json.field("by", query.length.rawValue)
            json.field("counted_since", since)
            json.array("data") { json in for stretch in stretches { json.write(stretch.counts, at: stretch.begin) } }
        }
        return Response(json: json)
    }
}

/// The query of `GET /statistics/orders`.
struct OrderStatisticsQuery {
    enum Length: String, CaseIterable {
        case hour, day
        var duration: Duration { self == .hour ? .seconds(3_600) : .seconds(86_400) }
    }

    /// At the full hour or day, in UTC.
    let begin: Timestamp
    let end: Timestamp
    let length: Length

    static func read(_ request: Request, now: Timestamp) throws -> OrderStatisticsQuery {
        try QueryReader.read(request) { query -> OrderStatisticsQuery? in
            let length = query.choice("by", of: Length.self) ?? .hour
            let end = query.moment("to") ?? now
            let begin = query.moment("from") ?? end + .seconds(-86_400)
            guard begin < end, end.since(begin) <= OrderStatistics.span else {
                return query.refuse("from", "must be before to, by 31 days at most")
            }
            let unit = Int64(length.duration.components.seconds) * 1_000_000
            let full = Timestamp(microseconds: begin.microseconds / unit * unit)
            return OrderStatisticsQuery(begin: full, end: end, length: length)
        }
    }
}

extension JSONWriter {
    fileprivate mutating func write(_ counts: OrderCounts, at begin: Timestamp) {
        object { json in
            json.field("from", begin)
            json.field("placed", counts.placed)
            json.field("paid", counts.paid)
            json.field("refused", counts.refused)
            json.field("declined", counts.declined)
            json.field("payment_failed", counts.paymentFailed)
            json.field("payment_unknown", counts.paymentUnknown)
            json.field("cancelled", counts.cancelled)
            json.array("revenue") { json in
                for (currency, amount) in counts.revenue.sorted(by: { $0.key.description < $1.key.description }) {
                    json.object { json in
                        json.field("amount", amount)
                        json.field("currency", currency.description)
                    }
                }
            }
        }
    }
}
