import Commerce
import EventSourcing

@testable import Checkout

/// One order, its stock, the provider's books, and the drivers that are at it: everything that they may do, in every
/// order, is one walk after another.
///
/// A failure from outside is taken from `failuresLeft`: an answer or a request that is lost or late, a driver that dies
/// or is one more, a customer who changes the order.
struct OrderSagaWalk {
    struct Driver {
        var order: Order
        var version: Int
        var attempt: OrderAttempt
        /// Directives performed since it began.
        var steps = 0
    }

    struct Broken: Error, Equatable { let promise: String }

    private(set) var order: Order
    private(set) var version = 1
    private var isHeld: Bool
    private var isCharged = false
    private var isDeclined = false
    private var isVoided = false
    /// A request to charge is under way, and its sender has given it up.
    private var isChargeUnderWay = false
    private var refunds: Set<Int> = []
    private var drivers: [Driver]
    private var failuresLeft: Int
    /// No failures any more; the reconciler drives the order on.
    private var isQuiet = false

    /// An order of four lamps has just been placed.
    init(_ order: Order, isShortAtHome: Bool, failures: Int) {
        self.order = order
        isHeld = false
        failuresLeft = failures
        let attempt = OrderAttempt.first(shortAtHome: isShortAtHome ? [OrderInLife.shortage] : [])
        drivers = [Driver(order: order, version: 1, attempt: attempt)]
    }

    /// Longer than any attempt that only meets answers, with the two refunds of an order.
    private static let stepsMax = 14
    private static let driversMax = 2

    /// What tells this standing from others.
    var key: String {
        let drivers = drivers.map { "\(Self.key($0.order)) \($0.version) \($0.attempt) \($0.steps)" }.sorted()
        return "\(Self.key(order)) \(version) \(isHeld) \(isCharged) \(isDeclined) \(isVoided) \(isChargeUnderWay)"
            + " \(refunds.sorted()) \(failuresLeft) \(isQuiet) \(drivers)"
    }

    private static func key(_ order: Order) -> String {
        "\(order.status!) \(order.payment) \(order.isAbandoned) \(order.refunds.map(\.isOwed))"
    }

    /// Every standing that may follow at once; empty at the end, where the books have been checked.
    func next() throws -> [OrderSagaWalk] {
        var found: [OrderSagaWalk] = []
        for place in drivers.indices { found += try perform(place) }
        if failuresLeft > 0 { found += failures() }
        if isChargeUnderWay { found.append(try with { try $0.charge(isLate: true) }) }
        guard found.isEmpty else { return found }
        guard order.status == .placed || order.refundDueSince != nil else {
            try checkBooks()
            return []
        }
        // Whatever went wrong is over: one more driver, who meets answers only, has to bring the order to its end.
        guard !isQuiet else { throw Broken(promise: "an order ends when nothing fails any more") }
        return [
            with { walk in
                walk.isQuiet = true
                walk.resume()
            }
        ]
    }

    private func with(_ body: (inout Self) throws -> Void) rethrows -> Self {
        var copy = self
        try body(&copy)
        return copy
    }

    private mutating func resume() {
        drivers.append(Driver(order: order, version: version, attempt: .resumed))
    }

    // MARK: - Failures

    private func failures() -> [OrderSagaWalk] {
        var found: [OrderSagaWalk] = []
        func fail(_ body: (inout Self) -> Void) {
            found.append(
                with { walk in
                    walk.failuresLeft -= 1
                    body(&walk)
                })
        }
        for place in drivers.indices { fail { $0.drivers.remove(at: place) } }
        if drivers.count < Self.driversMax { fail { $0.resume() } }
        let requests: [Order.Command] = [
            .cancel(reason: nil), .fulfill, .refundPart(.amount(100), reason: nil), .refund(reason: nil, restock: true),
        ]
        for request in requests where (try? order.decide(request, at: .zero))?.isEmpty == false {
            fail { $0.take(request) }
        }
        return found
    }

    // MARK: - Directives

    /// What the directive of one driver may come to.
    private func perform(_ place: Int) throws -> [OrderSagaWalk] {
        let driver = drivers[place]
        func after(_ outcome: OrderAttempt.Outcome, _ body: (inout Self) throws -> Void = { _ in }) throws -> Self {
            try with { walk in
                walk.drivers[place].attempt.outcome = outcome
                walk.drivers[place].steps += 1
                try body(&walk)
            }
        }
        func failing(
            _ outcome: OrderAttempt.Outcome, _ body: (inout Self) throws -> Void = { _ in }
        ) throws -> [Self] {
            guard failuresLeft > 0 else { return [] }
            return [
                try after(outcome) { walk in
                    walk.failuresLeft -= 1
                    try body(&walk)
                }
            ]
        }
        guard driver.steps <= Self.stepsMax else { throw Broken(promise: "an attempt ends") }
        switch OrderSaga.next(driver.order, driver.attempt) {
        case .done: return [with { $0.drivers.remove(at: place) }]
        case .look: return [try after(.seen(shortAtHome: nil)) { $0.see(place) }]
        case .record(let command, let ifUnchanged):
            return [
                try after(.recorded(command)) { walk in
                    if !ifUnchanged || walk.version == driver.version { walk.take(command) }
                    walk.see(place)
                }
            ]
        case .reserve(let shortAtHome):
            guard order.status == .placed else { return [try after(.overtaken)] }
            let overtaken = try failing(.overtaken)
            if isHeld { return overtaken + [try after(.reserved([]))] }
            let short = try after(.reserved([OrderInLife.shortage]))
            if shortAtHome?.isEmpty == false { return overtaken + [short] }
            return overtaken + [short, try after(.reserved([])) { $0.isHeld = true }]
        case .charge:
            try checkCharge(driver)
            return try charged(failing: failing, after: after)
        case .lookUp:
            return try failing(.found(.failure(.unknown(.timedOut))))
                + [false, true].map { isLate in
                    try after(.found(.success(lookUp))) { $0.drivers[place].attempt.isLate = isLate }
                }
        case .void:
            return try failing(.voided(.unknown(.timedOut)))
                + failing(.voided(.unknown(.timedOut))) { try $0.void() } + [after(.voided(nil)) { try $0.void() }]
        case .refund(let request):
            let number = request.number
            return try failing(.refunded(.failure(.unknown(.timedOut)), number: number))
                + failing(.refunded(.failure(.unknown(.timedOut)), number: number)) { $0.refunds.insert(number) }
                + failing(.refunded(.failure(.rejected(status: 409, code: "no")), number: number))
                + [
                    after(.refunded(.success(OrderInLife.refund(number)), number: number)) {
                        $0.refunds.insert(number)
                    }
                ]
        }
    }

    private typealias Following = (OrderAttempt.Outcome, (inout Self) throws -> Void) throws -> Self
    private typealias Failing = (OrderAttempt.Outcome, (inout Self) throws -> Void) throws -> [Self]

    private func charged(failing: Failing, after: Following) throws -> [OrderSagaWalk] {
        var found: [Self] = []
        let unknown = OrderAttempt.Outcome.charged(.failure(.unknown(.timedOut)))
        found += try failing(unknown) { _ in }
        found += try failing(unknown) { try $0.charge(isLate: false) }
        found += try failing(unknown) { $0.isChargeUnderWay = true }
        for failure in [PaymentFailure.unreachable, .rejected(status: 422, code: "no")] {
            found += try failing(.charged(.failure(failure))) { _ in }
        }
        if isVoided { return found + [try after(.charged(.failure(.voided))) { _ in }] }
        let declined = OrderAttempt.Outcome.charged(.success(.declined(code: "card")))
        let succeeded = OrderAttempt.Outcome.charged(.success(.succeeded(OrderInLife.charge)))
        if !isCharged { found.append(try after(declined) { $0.isDeclined = true }) }
        if !isDeclined { found.append(try after(succeeded) { try $0.charge(isLate: false) }) }
        return found
    }

    private mutating func see(_ place: Int) {
        drivers[place].order = order
        drivers[place].version = version
    }

    private mutating func take(_ command: Order.Command) {
        version += (try? OrderInLife.take(command, by: &order)) ?? 0
        if order.status == .rejected { isHeld = false }
    }

    // MARK: - The provider

    private var lookUp: ChargeLookup {
        if isVoided { return .voided }
        if isDeclined { return .declined(code: "card") }
        return isCharged ? .succeeded(OrderInLife.charge) : .absent
    }

    /// The provider takes the money, unless it has the key's answer already.
    private mutating func charge(isLate: Bool) throws {
        if isLate { isChargeUnderWay = false }
        guard !isVoided, !isDeclined, !isCharged else { return }
        guard order.status != .rejected else { throw Broken(promise: "no charge after a rejection") }
        guard isHeld else { throw Broken(promise: "no charge before everything is reserved") }
        isCharged = true
    }

    private mutating func void() throws {
        guard order.isAbandoned else { throw Broken(promise: "no void before the payment is abandoned") }
        guard order.status == .placed || order.status == .rejected else {
            throw Broken(promise: "a payment is not taken for one after it is abandoned")
        }
        isVoided = true
        isCharged = false
    }

    // MARK: - Promises

    private func checkCharge(_ driver: Driver) throws {
        guard driver.order.status == .placed, !driver.order.isAbandoned else {
            throw Broken(promise: "a driver that knows of an abandonment or a rejection charges no more")
        }
    }

    private func checkBooks() throws {
        let isPaid = order.charge != nil
        guard isPaid == isCharged else { throw Broken(promise: "what is paid is charged, and nothing else") }
        let confirmed = order.refunds.indices.filter { !order.refunds[$0].isOwed }.map { $0 + 1 }
        guard Set(confirmed) == refunds else { throw Broken(promise: "every refund that is owed is paid once") }
        guard isHeld == isPaid else { throw Broken(promise: "units are held for what is paid alone") }
    }
}
