import Commerce
import Hummingbird

/// The body of a cancellation; it may be left out.
struct OrderReason: Sendable {
    var reason: String?

    static func decode(_ request: Request) async throws -> OrderReason {
        try await request.optionalObject { body in
            OrderReason(reason: body.optionalString("reason", length: 0...Order.noteLengthMax))
        } ?? OrderReason()
    }
}

/// The body of a shipment; it may be left out.
struct Shipment: Sendable {
    var tracking: String?

    static func decode(_ request: Request) async throws -> Shipment {
        try await request.optionalObject { body in
            Shipment(tracking: body.optionalString("tracking", length: 1...Order.noteLengthMax))
        } ?? Shipment()
    }
}

/// The body of a refund; it may be left out.
struct Refund: Sendable {
    var reason: String?
    /// Whether shipped goods come back to the stock.
    var restock = false

    static func decode(_ request: Request) async throws -> Refund {
        try await request.optionalObject { body in
            Refund(
                reason: body.optionalString("reason", length: 0...Order.noteLengthMax),
                restock: body.optionalBoolean("restock") ?? false)
        } ?? Refund()
    }
}

/// No body, or an empty object.
enum EmptyBody {
    static func decode(_ request: Request) async throws {
        _ = try await request.optionalObject { _ in true }
    }
}
