import Commerce
import EventSourcing
import Testing

@Suite struct ErasureTests {
    private static let registration = Account.Registration(
        email: EmailAddress("ada@example.org")!, firstName: "Ada", lastName: "Lovelace",
        passwordHash: PasswordHash("hash"))
    private static let address = ShippingAddress(name: "Ada", line1: "1 Row", city: "York", country: "GB")

    @Test func anErasedAccountSaysNothingAndIsNeverRegisteredAgain() throws {
        var account = Account(id: customer)
        #expect(throws: Account.Refusal.notRegistered) { try account.decide(.erase, at: .noon) }
        try account.handle(.register(Self.registration))
        #expect(try account.handle(.erase) == [.sessionsEnded(.revoked, except: nil, at: .noon), .erased(at: .noon)])
        #expect(account.profile == nil && account.isErased && account.sessions.number == 1)
        #expect(throws: Account.Refusal.alreadyRegistered) {
            try account.decide(.register(Self.registration), at: .noon)
        }
        #expect(throws: Account.Refusal.notRegistered) { try account.decide(.erase, at: .noon) }
    }

    @Test func anAdministratorIsNotErased() throws {
        var account = Account(id: customer)
        try account.handle(.register(Self.registration))
        try account.handle(.grantRole(.admin))
        #expect(throws: Account.Refusal.isAdministrator) { try account.decide(.erase, at: .noon) }
    }

    @Test func nothingIsLeftOfLogIns() throws {
        var logIns = LogIns(id: customer)
        #expect(try logIns.handle(.erase).isEmpty)
        try logIns.handle(.succeed(LogInOrigin(address: digest(1), device: digest(2))))
        try logIns.handle(.fail(LogInOrigin(address: digest(3), device: digest(4))))
        #expect(try logIns.handle(.erase) == [.erased(at: .noon)])
        #expect(logIns == LogIns(id: customer))
    }

    @Test func anOrderThatIsUnderWayKeepsItsAddress() throws {
        var order = placed()
        for command in [Order.Command.confirmPayment(ChargeID("ch_1")!), .fulfill] {
            #expect(throws: Order.Refusal.self) { try order.decide(.erasePersonalData, at: .noon) }
            try order.handle(command)
        }
        #expect(throws: Order.Refusal.illegalTransition(from: .fulfilled, .erasePersonalData)) {
            try order.decide(.erasePersonalData, at: .noon)
        }
        #expect(order.shippingAddress == Self.address)
    }

    @Test func anOrderKeepsWhatTheBooksNeed() throws {
        var order = placed()
        try order.handle(.confirmPayment(ChargeID("ch_1")!))
        try order.handle(.correctAddress(ShippingAddress(name: "B", line1: "2", city: "Hull", country: "GB")))
        try order.handle(.fulfill)
        try order.handle(.ship(tracking: "T"))
        let before = order
        #expect(try order.handle(.erasePersonalData) == [.personalDataErased(at: .noon)])
        #expect(order.shippingAddress == nil && order.placement?.email == nil && order.placement?.paymentMethod == nil)
        #expect(order.lines == before.lines && order.total == before.total && order.charge == before.charge)
        #expect(order.status == .shipped && order.customer == customer && order.holds == before.holds)
        #expect(try order.handle(.erasePersonalData).isEmpty)
        try order.handle(.refund(reason: nil, restock: false))
        #expect(order.refundable == 0)
    }

    private func placed() -> Order {
        var order = Order(id: order)
        order.apply(
            .placed(
                Placement(
                    customer: customer, lines: [OrderLine(sku: mug, quantity: 2, unitPrice: 100)], currency: .gbp,
                    shippingAddress: Self.address, email: EmailAddress("ada@example.org"), paymentMethod: "pm_1",
                    placedBy: customer, deadline: .noon + .seconds(9)),
                at: .noon))
        return order
    }
}
