/// What the provider did with customers' money: every charge, void and refund, each under the caller's idempotency key.
///
/// A pure value: it decides requests against what it holds, and hands out the events to be written down.
///
/// Invariants: one key has one request and one outcome for ever; a voided key has no standing charge and never will;
/// `0 <= refunded <= amount` for each charge.
struct ChargeLedger: Sendable {
    /// A million orders fit twice; at some 600 B an entry that is about a gigabyte.
    static let entriesMax = 2_000_000

    private(set) var charges: [Charge] = []
    private(set) var refunds: [Refund] = []
    /// Keys that were fenced before a charge under them was ever seen, in the order of their voiding.
    private(set) var fenced: [String] = []
    private(set) var summary = Summary()

    private var chargeByKey: [String: Int] = [:]
    private var chargeByID: [String: Int] = [:]
    private var refundByKey: [String: Int] = [:]
    private var fencedKeys: Set<String> = []
    private var chargesOfOrder: [String: Int] = [:]
    private var unsaved: [Event] = []

    private let entriesMax: Int

    init(entriesMax: Int = Self.entriesMax) { self.entriesMax = entriesMax }

    private var isFull: Bool { charges.count + refunds.count + fenced.count >= entriesMax }

    /// The events recorded since the last call, in order, to be made durable before a caller is answered.
    mutating func takeUnsaved() -> [Event] {
        defer { unsaved.removeAll(keepingCapacity: true) }
        return unsaved
    }
}

// MARK: - Requests

extension ChargeLedger {
    /// Charges, or repeats the answer that the key already has.
    ///
    /// - Parameters:
    ///   - declines: asked only when the key is new: whether the card is refused.
    ///   - id: the id of the charge should there be a new one.
    mutating func charge(
        _ request: ChargeParameters, key: String, id: String, at time: String, declines: () -> Bool
    ) throws(Refusal) -> Answer<Charge> {
        if let index = chargeByKey[key] {
            guard charges[index].request == request else { throw .keyReused }
            record(.chargeRetried(key: key))
            guard charges[index].status != .voided else { throw .voided }
            return Answer(value: charges[index], isReplay: true)
        }
        guard !fencedKeys.contains(key) else { throw .voided }
        guard !isFull else { throw .ledgerFull }
        let status: Charge.Status = declines() ? .declined : .succeeded
        record(.charged(Charge(id: id, key: key, request: request, status: status, createdAt: time)))
        return Answer(value: charges[charges.count - 1], isReplay: false)
    }

    /// What became of the charge under `key`; nil when the key was never seen.
    func lookUp(_ key: String) -> Standing? {
        if let index = chargeByKey[key] { return .charge(charges[index]) }
        return fencedKeys.contains(key) ? .fenced : nil
    }

    /// Makes sure that no charge under `key` stands or will ever stand: refunds one that was made, refuses one that
    /// comes later.
    mutating func void(_ key: String) throws(Refusal) -> Standing {
        if let index = chargeByKey[key] {
            if charges[index].status == .succeeded { record(.voided(key: key)) }
            return .charge(charges[index])
        }
        if !fencedKeys.contains(key) {
            guard !isFull else { throw .ledgerFull }
            record(.voided(key: key))
        }
        return .fenced
    }

    /// Returns money of a charge, or repeats the answer that the key already has.
    mutating func refund(_ request: RefundParameters, key: String, id: String, at time: String) throws(Refusal)
        -> Answer<Refund>
    {
        if let index = refundByKey[key] {
            guard refunds[index].request == request else { throw .keyReused }
            record(.refundRetried(key: key))
            return Answer(value: refunds[index], isReplay: true)
        }
        guard let index = chargeByID[request.chargeID] else { throw .chargeNotFound }
        let charge = charges[index]
        switch charge.status {
        case .succeeded: break
        case .declined: throw .chargeDeclined
        case .voided: throw .voided
        }
        guard request.amount <= charge.request.amount - charge.refunded else { throw .refundTooLarge }
        guard !isFull else { throw .ledgerFull }
        let refund = Refund(
            id: id, key: key, request: request, orderID: charge.request.orderID, currency: charge.request.currency,
            createdAt: time)
        record(.refunded(refund))
        return Answer(value: refunds[refunds.count - 1], isReplay: false)
    }
}

// MARK: - Events

extension ChargeLedger {
    /// What happened; one line each in the ledger's file.
    enum Event: Sendable, Codable, Equatable {
        case charged(Charge)
        case chargeRetried(key: String)
        case voided(key: String)
        case refunded(Refund)
        case refundRetried(key: String)
    }

    private mutating func record(_ event: Event) {
        apply(event)
        unsaved.append(event)
    }

    /// Applies one event, decided now or read back from the file.
    mutating func apply(_ event: Event) {
        switch event {
        case .charged(let charge):
            chargeByKey[charge.key] = charges.count
            chargeByID[charge.id] = charges.count
            charges.append(charge)
            guard charge.status == .succeeded else { return summary.declined += 1 }
            let ofOrder = chargesOfOrder[charge.request.orderID, default: 0] + 1
            chargesOfOrder[charge.request.orderID] = ofOrder
            summary.charges += 1
            summary.amount += charge.request.amount
            if ofOrder == 1 { summary.ordersCharged += 1 }
            if ofOrder == 2 { summary.ordersChargedMoreThanOnce += 1 }

        case .chargeRetried(let key):
            if let index = chargeByKey[key] { charges[index].attempts += 1 }

        case .voided(let key):
            summary.voided += 1
            guard let index = chargeByKey[key] else {
                fencedKeys.insert(key)
                fenced.append(key)
                return
            }
            let outstanding = charges[index].request.amount - charges[index].refunded
            charges[index].status = .voided
            charges[index].refunded += outstanding
            summary.refunded += 1
            summary.amountRefunded += outstanding

        case .refunded(let refund):
            refundByKey[refund.key] = refunds.count
            refunds.append(refund)
            if let index = chargeByID[refund.request.chargeID] { charges[index].refunded += refund.request.amount }
            summary.refunded += 1
            summary.amountRefunded += refund.request.amount

        case .refundRetried(let key):
            if let index = refundByKey[key] { refunds[index].attempts += 1 }
        }
    }
}
