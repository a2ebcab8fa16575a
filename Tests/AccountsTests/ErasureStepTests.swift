import Accounts
import ActorSystem
import Commerce
import EventSourcing
import Schema
import StepTesting
import Steps
import Testing

@Suite("An erasure") struct ErasureStepTests {
    private static func bench() async throws -> StepBench {
        let bench = StepBench([
            .kind(Account.self), .kind(EmailClaim.self), .kind(Session.self), .kind(LogIns.self),
            .kind(IdempotencyKey.self), .kind(Cart.self), .kind(Order.self),
        ])
        _ = try await bench.run(RegisterAccount(customer, registration, from: origin)).get()
        _ = try await bench.run(StepBench.opening).get()
        return bench
    }

    @Test("leaves nothing of an account but that there was one, ends its sessions, and frees its address")
    func account() async throws {
        let bench = try await Self.bench()
        let wrong = EraseAccount(customer, verified: PasswordHash("other"))
        #expect(try await bench.run(wrong) == .failure(.passwordChanged))
        _ = try await bench.run(EraseAccount(customer, verified: hash)).get()
        let account = try await bench.read(Account.self, customer).state
        #expect(account.profile == nil && account.isErased)
        #expect(!account.admits(try await bench.read(Session.self, session).state))
        #expect(try await bench.read(LogIns.self, customer).state.origins.isEmpty)
        #expect(try await bench.read(EmailClaim.self, registration.email).state.holder == nil)
        let rotation = RotateSession(session, presented: token, replacements: [digest(0x44)], client: digest(0x66))
        #expect(try await bench.run(rotation) == .failure(.sessionEnded))
        let again = EraseAccount(customer, verified: hash)
        #expect(try await bench.run(again) == .failure(.account(.notRegistered)))
        let successor = CustomerID(at: .noon, slot: customer.slot, random: 9)
        _ = try await bench.run(RegisterAccount(successor, registration)).get()
        #expect(try await bench.read(EmailClaim.self, registration.email).state.holder == successor)
    }

    @Test("of orders is all or nothing, and leaves those of others alone")
    func orders() async throws {
        let bench = try await Self.bench()
        let other = OrderID(at: .noon, slot: customer.slot, random: 9 << 40)
        try await Self.place(order, of: customer, rejected: true, on: bench)
        let stranger = CustomerID(at: .noon, slot: customer.slot, random: 9 << 40)
        try await Self.place(other, of: stranger, rejected: true, on: bench)
        let open = OrderID(at: .noon, slot: customer.slot, random: 11 << 40)
        try await Self.place(open, of: customer, rejected: false, on: bench)
        #expect(try await bench.run(EraseOrders([order, open], of: customer)) == .failure(.orderUnderWay(open)))
        #expect(try await bench.read(Order.self, order).state.shippingAddress != nil)
        _ = try await bench.run(EraseOrders([order, other], of: customer)).get()
        #expect(try await bench.read(Order.self, order).state.shippingAddress == nil)
        #expect(try await bench.read(Order.self, other).state.shippingAddress != nil)
    }

    private static func place(
        _ id: OrderID, of customer: CustomerID, rejected isRejected: Bool, on bench: StepBench
    ) async throws {
        _ = try await bench.shards.execute(on: id.slot, at: .noon) { batch throws(Order.Refusal) in
            let placement = Placement(
                customer: customer, lines: [OrderLine(sku: SKU("A")!, quantity: 1, unitPrice: 1)], currency: .gbp,
                shippingAddress: ShippingAddress(name: "A", line1: "B", city: "C", country: "GB"),
                placedBy: customer, deadline: batch.now + .seconds(9))
            try batch.decide(Order.self, id, .place(placement))
            if isRejected { try batch.decide(Order.self, id, .reject(.paymentUnavailable)) }
        }.get()
    }
}
