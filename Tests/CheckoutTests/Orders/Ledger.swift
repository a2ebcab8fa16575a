import Commerce
import EventSourcing
import Synchronization

@testable import Checkout

/// The books of a payment provider that outlives the shop, and what goes wrong on the way to it.
final class Ledger: Sendable {
    /// What happens to one call.
    enum Fault: Hashable, Sendable, CaseIterable {
        /// A charge is declined; anything else goes well.
        case decline
        /// No connection.
        case unreachable
        /// The breaker is open: nothing is sent.
        case breakerOpen
        /// No answer, and nothing was done.
        case lost
        /// No answer, though it was done.
        case answerLost
        /// No answer, and a charge is carried out at some later moment.
        case late
    }

    struct Account: Sendable {
        var amount: Money?
        var charge: ChargeID?
        var declineCode: String?
        var isVoided = false
        /// By the number that the shop gives each.
        var refunded: [Int: Int64] = [:]
        var refunds: Int { refunded.count }
        var amountRefunded: Int64 { refunded.values.reduce(0, +) }
        /// Calls of `charge` that reached the provider.
        var attempts = 0

        /// Whether the customer is out of pocket.
        var isCharged: Bool { charge != nil && !isVoided && amountRefunded < amount?.amount ?? 0 }
    }

    fileprivate struct State {
        var accounts: [OrderID: Account] = [:]
        var late: [ChargeRequest] = []
        var arranged: [Fault?] = []
        var random: SplitMix
        var faultsPerHundred = 0
        var number = 0
        var isHeld = false
        var held: Set<OrderID> = []
        var waiting: [CheckedContinuation<Void, Never>] = []
        var problems: [String] = []
        var charges = 0
    }

    private let state: Mutex<State>

    init(seed: UInt64 = 0) { state = Mutex(State(random: SplitMix(seed: seed))) }

    /// The faults of the next calls, of whatever kind; nil is none.
    func arrange(_ faults: Fault?...) { state.withLock { $0.arranged += faults } }
    func arrange(_ fault: Fault, next count: Int) {
        state.withLock { $0.arranged += Array(repeating: fault, count: count) }
    }

    /// From now on so many calls of a hundred go wrong, in every way there is.
    func fail(perHundred: Int) { state.withLock { $0.faultsPerHundred = perHundred } }

    /// Carries out the charges that are still under way.
    func deliverLate() { state.withLock { $0.deliver(all: true) } }

    /// Calls wait from now on, until they are let go.
    func hold() { state.withLock { $0.isHeld = true } }
    /// The same, for calls about these orders.
    func hold(_ orders: Set<OrderID>) { state.withLock { $0.held = orders } }
    func letGo() {
        let waiting = state.withLock { state in
            state.isHeld = false
            state.held = []
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
    var waitingCount: Int { state.withLock(\.waiting.count) }

    subscript(order: OrderID) -> Account { state.withLock { $0.accounts[order] ?? Account() } }
    var accounts: [OrderID: Account] { state.withLock(\.accounts) }
    /// Charges ever made, voided and refunded ones included.
    var charges: Int { state.withLock(\.charges) }
    /// What the shop did that no shop may do.
    var problems: [String] { state.withLock(\.problems) }

    private func pass(_ order: OrderID) async {
        await withCheckedContinuation { continuation in
            let goesOn = state.withLock { state in
                let isHeld = state.isHeld || state.held.contains(order)
                if isHeld { state.waiting.append(continuation) }
                return !isHeld
            }
            if goesOn { continuation.resume() }
        }
    }

    /// Does `step` unless the call's fault prevents it.
    fileprivate func call<Answer: Sendable>(
        _ life: Life?, _ order: OrderID, lateCharge: ChargeRequest? = nil,
        _ step: @Sendable (inout LedgerBooks, Fault?) throws(PaymentFailure) -> Answer
    ) async throws(PaymentFailure) -> Answer {
        await pass(order)
        return try state.withLock { state throws(PaymentFailure) in
            if life?.isOver == true { throw .unknown(.cancelled) }
            state.deliver(all: false)
            let fault = state.nextFault()
            switch fault {
            case .unreachable: throw .unreachable
            case .breakerOpen: throw .breakerOpen(retryAfter: .seconds(1))
            case .lost: throw .unknown(.timedOut)
            case .late:
                if let lateCharge { state.late.append(lateCharge) }
                throw .unknown(.timedOut)
            case .decline, .answerLost, nil: break
            }
            var books = state.books
            let result = Result { () throws(PaymentFailure) in try step(&books, fault) }
            state.books = books
            if fault == .answerLost { throw .unknown(.timedOut) }
            return try result.get()
        }
    }

    /// The provider as the shop of one life reaches it.
    func provider(in life: Life? = nil) -> some PaymentProvider { LedgerProvider(ledger: self, life: life) }
}

/// What the provider writes down.
struct LedgerBooks {
    var accounts: [OrderID: Ledger.Account]
    var number: Int
    var charges: Int
    var problems: [String]

    mutating func charge(_ request: ChargeRequest, declines: Bool) throws(PaymentFailure) -> ChargeOutcome {
        var account = accounts[request.order] ?? Ledger.Account()
        defer { accounts[request.order] = account }
        account.attempts += 1
        if let amount = account.amount, amount != request.amount {
            problems.append("\(request.order) charged another amount")
        }
        if account.isVoided { throw .voided }
        if let charge = account.charge { return .succeeded(charge) }
        if let code = account.declineCode { return .declined(code: code) }
        account.amount = request.amount
        if declines {
            account.declineCode = "card_declined"
            return .declined(code: "card_declined")
        }
        number += 1
        charges += 1
        account.charge = ChargeID("ch_\(number)")!
        return .succeeded(account.charge!)
    }

    mutating func refund(_ request: RefundRequest) throws(PaymentFailure) -> RefundID {
        var account = accounts[request.order] ?? Ledger.Account()
        defer { accounts[request.order] = account }
        let before = account.refunded.updateValue(request.amount.amount, forKey: request.number)
        guard !account.isVoided, account.charge == request.charge, before == nil || before == request.amount.amount,
            account.amountRefunded <= account.amount?.amount ?? 0
        else {
            problems.append("\(request.order) refunds what was not charged")
            throw .rejected(status: 404, code: "charge_not_found")
        }
        return RefundID("re_\(request.charge)_\(request.number)")!
    }
}

extension Ledger.State {
    fileprivate var books: LedgerBooks {
        get { LedgerBooks(accounts: accounts, number: number, charges: charges, problems: problems) }
        set {
            (accounts, number, charges, problems) = (
                newValue.accounts, newValue.number, newValue.charges, newValue.problems
            )
        }
    }

    fileprivate mutating func nextFault() -> Ledger.Fault? {
        if !arranged.isEmpty { return arranged.removeFirst() }
        guard faultsPerHundred > 0, random.below(100) < faultsPerHundred else { return nil }
        return Ledger.Fault.allCases[random.below(Ledger.Fault.allCases.count)]
    }

    fileprivate mutating func deliver(all: Bool) {
        guard !late.isEmpty, all || (faultsPerHundred > 0 && random.below(4) == 0) else { return }
        var books = books
        for request in late { _ = try? books.charge(request, declines: false) }
        self.books = books
        late = []
    }
}

private struct LedgerProvider: PaymentProvider {
    let ledger: Ledger
    let life: Life?

    func charge(_ request: ChargeRequest) async throws(PaymentFailure) -> ChargeOutcome {
        try await ledger.call(life, request.order, lateCharge: request) { books, fault throws(PaymentFailure) in
            try books.charge(request, declines: fault == .decline)
        }
    }

    func lookUp(_ order: OrderID) async throws(PaymentFailure) -> ChargeLookup {
        try await ledger.call(life, order) { books, _ throws(PaymentFailure) in
            guard let account = books.accounts[order] else { return .absent }
            if account.isVoided { return .voided }
            if let charge = account.charge { return .succeeded(charge) }
            return account.declineCode.map { .declined(code: $0) } ?? .absent
        }
    }

    func void(_ order: OrderID) async throws(PaymentFailure) {
        try await ledger.call(life, order) { books, _ throws(PaymentFailure) in
            books.accounts[order, default: Ledger.Account()].isVoided = true
        }
    }

    func refund(_ request: RefundRequest) async throws(PaymentFailure) -> RefundID {
        try await ledger.call(life, request.order) { books, _ throws(PaymentFailure) in try books.refund(request) }
    }
}

/// Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014.
struct SplitMix: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
        return word ^ (word >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }
}
