import Checkout
import Commerce

/// The books of a simulated payment provider: what moved under which key, and what must never move.
///
/// It keeps its own promise, one charge and one refund a key, whatever the shop does. What the shop promises, one
/// charge an order, is for the checkers to see.
public struct PaymentLedger {
    /// What the provider knows a request by. The shop uses the order's id and nothing else.
    struct Key: Hashable {
        let order: OrderID
        /// 0 in every honest request.
        var salt: UInt64 = 0
    }

    /// What stands under one key.
    struct Account {
        var request: ChargeRequest?
        var charge: ChargeID?
        var declineCode: String?
        var isVoided = false
        var refund: RefundID?

        /// Whether the customer is out of pocket.
        var isCharged: Bool { charge != nil && !isVoided && refund == nil }
    }

    private(set) var accounts: [Key: Account] = [:]
    /// Keys in the order of their first use.
    private(set) var keys: [Key] = []
    private var number = 0

    mutating func charge(_ key: Key, _ request: ChargeRequest, declines: Bool) throws(PaymentFailure) -> ChargeOutcome {
        var account = open(key)
        defer { accounts[key] = account }
        if account.isVoided { throw .voided }
        if let first = account.request, first != request {
            throw .rejected(status: 422, code: "idempotency_key_reused")
        }
        if let charge = account.charge { return .succeeded(charge) }
        if let code = account.declineCode { return .declined(code: code) }
        account.request = request
        if declines {
            account.declineCode = "card_declined"
            return .declined(code: "card_declined")
        }
        account.charge = ChargeID("ch_\(nextNumber())")!
        return .succeeded(account.charge!)
    }

    func lookUp(_ key: Key) -> ChargeLookup {
        guard let account = accounts[key] else { return .absent }
        if account.isVoided { return .voided }
        if let charge = account.charge { return .succeeded(charge) }
        return account.declineCode.map { .declined(code: $0) } ?? .absent
    }

    mutating func void(_ key: Key) {
        var account = open(key)
        if account.declineCode == nil { account.isVoided = true }
        accounts[key] = account
    }

    mutating func refund(_ key: Key, _ request: RefundRequest) throws(PaymentFailure) -> RefundID {
        var account = open(key)
        defer { accounts[key] = account }
        if let refund = account.refund { return refund }
        if account.isVoided { throw .voided }
        account.refund = RefundID("re_\(nextNumber())")!
        return account.refund!
    }

    private mutating func open(_ key: Key) -> Account {
        if let account = accounts[key] { return account }
        keys.append(key)
        return Account()
    }

    private mutating func nextNumber() -> Int {
        number += 1
        return number
    }

    /// Every account that names the order, oldest first.
    func accounts(of order: OrderID) -> [Account] {
        keys.filter { $0.order == order }.compactMap { accounts[$0] }
    }
}
