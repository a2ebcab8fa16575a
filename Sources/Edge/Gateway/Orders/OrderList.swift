import ActorSystem
import Commerce
import EventSourcing
import Hummingbird
import Schema

/// The query of `GET /orders`.
struct OrderQuery: Sendable {
    /// At most 200 when a client asks.
    var limit: Int
    var cursor: OrderID?
    var status: OrderStatus?
    /// Staff may look at one customer's orders.
    var customer: CustomerID?

    static func read(_ request: Request, isStaff: Bool) throws -> OrderQuery {
        try QueryReader.read(request) { query in
            OrderQuery(
                limit: Int(query.integer("limit", in: 1...200) ?? 50),
                cursor: query.value("cursor", FieldForm.cursor) { OrderID($0) },
                status: query.value("status", FieldForm.orderStatus) { OrderStatus(code: $0) },
                customer: isStaff ? query.value("customer_id", FieldForm.customerID) { CustomerID($0) } : nil)
        }
    }
}

/// Lists of orders, newest first.
struct OrderList: Sendable {
    let shop: Shop
    let reader: ShopReader
    /// Orders looked at for one page when a filter passes few of them; the cursor then goes on from there.
    private static let lookedAtMax = 2_000
    /// Ids read at once for a filter, which may pass few of them.
    private static let idsMin = 64
    /// Lines in one page, some megabytes of JSON; the page may then be shorter than was asked for.
    private static let linesMax = 20_000

    /// - Parameter customer: whose orders; nil for everybody's, out of every shard.
    func page(_ query: OrderQuery, of customer: CustomerID?) async throws -> (orders: [Order], next: String?) {
        var group: [UInt8] = []
        customer?.encode(into: &group)
        let shards = customer.map { [shop.shards[$0.slot]] } ?? shop.shards.shards
        try await reader.barrier(shards)
        var found: [Order] = []
        var bound = query.cursor
        var lookedAt = 0
        var lines = 0
        let idsMax = query.status == nil ? query.limit : max(query.limit, Self.idsMin)
        while found.count < query.limit, lookedAt < Self.lookedAtMax, lines < Self.linesMax {
            // One more than is looked at says whether there are more: the cursor is null at the end, and nowhere else.
            let ids = try await ids(on: shards, group: group, beyond: bound, limit: idsMax + 1)
            for id in ids.prefix(idsMax) {
                // What is left of these ids belongs to the next page.
                guard found.count < query.limit, lines < Self.linesMax else { return (found, bound?.description) }
                let order = await reader.readHere(Order.self, id)
                bound = id
                lookedAt += 1
                guard query.status == nil || order.state.status == query.status else { continue }
                found.append(order.state)
                lines += order.state.lines.count
            }
            guard ids.count > idsMax else { return (found, nil) }
        }
        return (found, bound?.description)
    }

    private func ids(on shards: [Shard], group: [UInt8], beyond bound: OrderID?, limit: Int) async throws -> [OrderID] {
        var ids: [OrderID] = []
        for shard in shards {
            ids += await shard.list(Order.self, group: group, beyond: bound, descending: true, limit: limit)
        }
        return Array(ids.sorted(by: >).prefix(limit))
    }
}
