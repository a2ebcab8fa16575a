import Checkout
import Commerce

/// The books of a simulated payment provider: what moved under which key, and what must never move.
///
/// It keeps its own promise, one charge a key and no more refunds than it comes to, whatever the shop does. What the
/// shop promises, one charge an order, is for the checkers to see.
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
        /// By the number that the shop gives each.
        var refunds: [Int: (id: RefundID, amount: Int64)] = [:]

        func hasRefunded(_ id: RefundID) -> Bool { refunds.values.contains { $0.id == id } }
        var refunded: Int64 { refunds.values.reduce(0) { $0 + $1.amount } }

        /// Whether the customer is out of pocket.
        var isCharged: Bool { charge != nil && !isVoided && refunded < request?.amount.amount ?? 0 }

        /// Whether every refund of the order is here as the order says, and no other.
        func agrees(with order: Order) -> Bool {
            refunds.count == order.refunds.count { $0.amount > 0 }
                && order.refunds.enumerated().allSatisfy { position, refund in
                    guard refund.amount > 0 else { return true }
                    guard let paid = refunds[position + 1] else { return false }
                    return paid.id == refund.confirmation && paid.amount == refund.amount
                }
        }
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
        if let refund = account.refunds[request.number] { return refund.id }
        if account.isVoided { throw .voided }
        // What was never charged under this key is for the checkers to see.
        if let charged = account.request?.amount.amount, request.amount.amount > charged - account.refunded {
            throw .rejected(status: 422, code: "amount_exceeds_charge")
        }
        let id = RefundID("re_\(nextNumber())")!
        account.refunds[request.number] = (id, request.amount.amount)
        return id
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
