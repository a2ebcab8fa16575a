import Accounts
import ActorSystem
import Commerce
import EventSourcing
import HTTPTypes
import Hummingbird
import Schema

/// `GET /api/v1/auth/me/export`: what the shop has of the account that asks, as one document to keep.
struct ExportRoute: Sendable {
    let shop: Shop
    let accounts: AccountBook

    /// Orders in one document, the newest; `GET /orders` has the rest.
    private static let ordersMax = 1_000
    /// Open sessions, the newest.
    private static let sessionsMax = 1_000

    func add(to routes: GatewayRoutes) {
        routes.get("/api/v1/auth/me/export", .export) { request, context in try await export(request, context) }
    }

    private func export(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let principal = try context.requirePrincipal()
        let customer = try principal.customerID
        guard let account = try await accounts.find(customer).flatMap({ RegisteredAccount($0.state) }) else {
            throw Problem(.invalidToken)
        }
        let sessions = try await accounts.sessions(of: customer, beyond: nil, limit: Self.sessionsMax).sessions
        let changes = try await accounts.changes(by: customer)
        return try await shop.reading(request) { reader in
            try await reader.barrier(of: shop.priceFollower)
            let cart = CartDocument(try await reader.read(Cart.self, customer), prices: shop.prices)
            let orders = try await OrderList(shop: shop, reader: reader).page(
                OrderQuery(limit: Self.ordersMax), of: customer)
            var json = JSONWriter(capacity: 16 << 10)
            json.object { json in
                json.field("exported_at", shop.clock())
                json.key("account")
                json.value(account)
                json.array("sessions") { json in
                    for session in sessions { json.value(session, current: SessionID(principal.sessionID)) }
                }
                json.key("cart")
                json.raw(cart.json.bytes)
                json.array("orders") { json in for order in orders.orders { OrderDocument(order).write(to: &json) } }
                json.field("next_order_cursor", orders.next)
                json.write(changes)
            }
            return Response(
                headers: [.contentDisposition: "attachment; filename=\"account.json\""], json: json)
        }
    }
}

extension JSONWriter {
    fileprivate mutating func write(_ changes: AccountChanges) {
        array("changes") { json in
            for change in changes.changes {
                json.object { json in
                    json.field("time", change.time)
                    json.field("event", change.event.description)
                    json.field("subject", change.subject)
                }
            }
        }
        field("changes_complete", changes.isComplete)
    }
}
