import ActorSystem
import Commerce
import EventSourcing
import Schema
import Testing

@testable import Checkout

/// What a test says and asks.
extension Node {
    func request(
        _ items: [(SKU, Int64)], by customer: CustomerID? = nil, key: UInt8 = 1, body: UInt8 = 0,
        expectedTotal: Int64? = nil, clearsCart: Bool = false
    ) -> OrderRequest {
        let customer = customer ?? world.customer()
        return OrderRequest(
            customer: customer, placedBy: customer,
            items: items.map { OrderRequest.Item(sku: $0.0, quantity: Units($0.1)!) }, expectedTotal: expectedTotal,
            paymentMethod: "pm_\(key)",
            key: IdempotencyKeyID(slot: customer.slot, digest: Digest256([UInt8](repeating: key, count: 32))!),
            fingerprint: Digest256([UInt8](repeating: body, count: 32))!, clearsCart: clearsCart)
    }

    /// Places an order and drives it as far as the request does.
    @discardableResult
    func place(
        _ items: [(SKU, Int64)], by customer: CustomerID? = nil, key: UInt8 = 1, body: UInt8 = 0,
        expectedTotal: Int64? = nil, clearsCart: Bool = false
    ) async throws -> OrderAnswer {
        try await checkout.place(
            request(
                items, by: customer, key: key, body: body, expectedTotal: expectedTotal, clearsCart: clearsCart))
    }

    /// The member of staff who changes orders.
    static let clerk = CustomerID(at: .zero, slot: Slot(0), random: 99)

    /// Places an order as a member of staff does for a customer.
    @discardableResult
    func placeAsStaff(_ items: [(SKU, Int64)], for customer: CustomerID, key: UInt8) async throws -> OrderID {
        var request = request(items, by: customer, key: key)
        request.placedBy = CustomerID(at: .zero, slot: customer.slot, random: 0xff << 8)
        request.sender = .staff
        return try await checkout.place(request).state.id
    }

    func change(_ id: OrderID, _ command: Order.Command) async throws -> Versioned<Order> {
        try await checkout.change(ChangeOrder(id, command, of: nil), by: Self.clerk).get().order
    }

    /// Why `command` is refused; nil when it is not.
    func refusal(_ id: OrderID, _ command: Order.Command) async throws -> Order.Refusal? {
        switch try await checkout.change(ChangeOrder(id, command, of: nil), by: Self.clerk) {
        case .failure(.order(let refusal)): return refusal
        case .failure(.notFound), .failure(.keyReused), .failure(.condition): throw Missing()
        case .success: return nil
        }
    }

    struct Missing: Error {}

    /// Puts a product of its own behind each SKU.
    func create(_ skus: [SKU]) async throws {
        for sku in skus {
            let details = Product.Details(
                title: "T", variants: [Variant(sku: sku, price: Money(amount: 250, currency: .gbp))])
            _ = try await shards.execute(on: .catalogue, at: clock.now()) { batch throws(Product.Refusal) in
                try batch.decide(Product.self, .standing(for: sku), .create(details))
            }.get()
        }
    }

    func receive(_ sku: SKU, _ units: Int64) async throws {
        let units = Units(units)!
        _ = try await shards.execute(on: sku.slot, at: clock.now()) { batch throws(Stock.Refusal) in
            try batch.decide(Stock.self, sku, .receive(units, reference: nil))
        }.get()
    }

    func stock(_ sku: SKU) async throws -> Stock { try await shards.read(Stock.self, sku).state }
    func order(_ id: OrderID) async throws -> Order { try await shards.read(Order.self, id).state }

    /// Returns once the order stands so.
    @discardableResult
    func order(_ id: OrderID, when condition: (Order) -> Bool) async throws -> Order {
        while true {
            let order = try await order(id)
            if condition(order) { return order }
            try await pause("\(order)")
        }
    }

    /// Between two looks. A state that never comes fails the test when the suite's time is up, and says which it was.
    private func pause(_ state: @autoclosure () -> String) async throws {
        do {
            try await Task.sleep(for: .milliseconds(2))
        } catch {
            Issue.record("waited in vain: \(state())")
            throw error
        }
    }

    /// Returns once the stock stands so.
    func wait(for sku: SKU, onHand: Int64, reserved: Int64) async throws {
        while true {
            let stock = try await stock(sku)
            if stock.onHand.rawValue == onHand, stock.reserved.rawValue == reserved { return }
            try await pause("\(sku): \(stock)")
        }
    }
}

extension OrderAnswer {
    var state: Order { order.state }
}
