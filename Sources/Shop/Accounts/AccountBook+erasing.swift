import ActorSystem
import Commerce
import EventSourcing

extension AccountBook {
    /// Erases an account at its holder's wish: what is personal in its orders, then the account itself. Broken off, it
    /// is asked for again.
    ///
    /// - Parameter verified: the hash that the password was checked against.
    /// - Throws: `AccountRefusal.orderUnderWay`, before anything is erased, when an order has yet to be sent.
    public func erase(_ customer: CustomerID, verified: PasswordHash) async throws {
        let shard = shards[customer.slot]
        try await shard.barrier()
        try await forEachPage(of: customer) { orders in
            let open = await shard.readCommitted { states in
                orders.first { states.read(Order.self, $0).state.status?.after(.erasePersonalData) == nil }
            }
            if let open { throw AccountRefusal.orderUnderWay(open) }
        }
        try await forEachPage(of: customer) { orders in
            _ = try await run(EraseOrders(orders, of: customer), by: ActorID(customer))
        }
        _ = try await run(EraseAccount(customer, verified: verified), by: ActorID(customer))
    }

    /// Hands the orders of a customer to `body`, newest first, as many at once as a step takes.
    private func forEachPage(of customer: CustomerID, _ body: ([OrderID]) async throws -> Void) async throws {
        var group: [UInt8] = []
        customer.encode(into: &group)
        var bound: OrderID?
        repeat {
            let orders = try await shards[customer.slot].list(
                Order.self, group: group, beyond: bound, descending: true, limit: EraseOrders.ordersMax)
            if !orders.isEmpty { try await body(orders) }
            bound = orders.count == EraseOrders.ordersMax ? orders.last : nil
        } while bound != nil
    }
}
