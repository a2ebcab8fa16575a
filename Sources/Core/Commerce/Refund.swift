import EventSourcing

/// Money of an order that goes back to the customer, or has gone back.
public struct Refund: Hashable, Sendable {
    /// What it is paid for.
    public enum Scope: Hashable, Sendable {
        /// Everything that no earlier refund has paid back. It is the last one.
        case remainder
        /// These units, at the price at which they were bought.
        case lines([RefundLine])
        /// No goods: a sum of money.
        case amount
    }

    public let scope: Scope
    /// Minor units of the order's currency.
    public let amount: Int64
    /// When it was asked for; when it was confirmed, once it has been.
    public package(set) var updatedAt: Timestamp
    /// The provider's name for it; nil as long as it is owed.
    public package(set) var confirmation: RefundID?

    public init(scope: Scope, amount: Int64, updatedAt: Timestamp, confirmation: RefundID? = nil) {
        self.scope = scope
        self.amount = amount
        self.updatedAt = updatedAt
        self.confirmation = confirmation
    }

    public var isOwed: Bool { confirmation == nil }

    /// The units that it pays for; none for a sum of money, and for a remainder, which the order itself knows.
    public var lines: [RefundLine] {
        if case .lines(let lines) = scope { lines } else { [] }
    }
}

/// Units of one line of an order that are paid back.
public struct RefundLine: Hashable, Sendable {
    /// The line's position in the order, from zero.
    public let line: Int
    /// At least 1.
    public let quantity: Units
    /// Whether the units come back to the stock.
    public let restock: Bool

    public init(line: Int, quantity: Units, restock: Bool) {
        self.line = line
        self.quantity = quantity
        self.restock = restock
    }
}

/// What is asked to be paid back of an order. Plain data: `Order` checks it.
public enum RefundPart: Hashable, Sendable {
    /// So much money, in minor units of the order's currency.
    case amount(Int64)
    /// So many units of each SKU, at the price at which they were bought.
    case items([RefundItem])
}

/// Units of one SKU that are to be paid back. Where several lines of the order have the SKU, they are taken from these
/// in their order.
public struct RefundItem: Hashable, Sendable {
    public let sku: SKU
    public let quantity: Units
    /// Whether the units come back to the stock; nil when nothing is said: then those do that have not been shipped.
    public let restock: Bool?

    public init(sku: SKU, quantity: Units, restock: Bool? = nil) {
        self.sku = sku
        self.quantity = quantity
        self.restock = restock
    }
}

// MARK: - What has been paid back

extension Order {
    /// What is left to be paid back, in minor units: the total less every refund, owed ones included.
    public var refundable: Int64 { refunds.reduce(total?.amount ?? 0) { $0 - $1.amount } }

    /// What the customer has back, in minor units.
    public var refunded: Int64 { refunds.reduce(0) { $1.isOwed ? $0 : $0 + $1.amount } }

    /// The provider's name for the latest refund; nil as long as that is owed.
    public var refund: RefundID? { refunds.last?.confirmation }

    /// Since when a refund has been owed; nil when none is.
    public var refundDueSince: Timestamp? {
        refunds.isEmpty ? nil : refunds.lazy.filter(\.isOwed).map(\.updatedAt).min()
    }

    /// The number of the first owed refund behind the one with `number`. Numbers count from 1.
    public func owedRefund(after number: Int) -> Int? {
        refunds.indices.dropFirst(number).first { refunds[$0].isOwed }.map { $0 + 1 }
    }

    /// Whether all that was left of the money is on its way back.
    var isBeingPaidBack: Bool {
        guard let last = refunds.last, refundDueSince != nil else { return false }
        return last.scope == .remainder || (refundable == 0 && total?.amount != 0)
    }

    /// Whether all of the money is back once the refund with `number` is confirmed.
    func isPaidBack(confirming number: Int) -> Bool {
        guard refundable == 0, refunds.indices.allSatisfy({ $0 == number - 1 || !refunds[$0].isOwed }) else {
            return false
        }
        // Of an order that cost nothing there is never anything left: there the goods decide.
        return total?.amount != 0 || status == .cancelled || refunds.last?.scope == .remainder
            || unitsLeft.allSatisfy { $0 == .zero }
    }

    /// The units of each line that no refund has paid for, in the order of the lines. A remainder takes all of them,
    /// and is not counted.
    var unitsLeft: [Units] {
        var left = lines.map(\.quantity)
        for refund in refunds {
            for line in refund.lines { left[line.line] = left[line.line].subtracting(line.quantity)! }
        }
        return left
    }

    /// Whether every refund is of lines that the order has, and of no more units than they have. A state that is read
    /// is asked this before anything else.
    package var hasPossibleRefunds: Bool {
        var left = lines.map(\.quantity)
        for line in refunds.flatMap(\.lines) {
            guard left.indices.contains(line.line), let rest = left[line.line].subtracting(line.quantity) else {
                return false
            }
            left[line.line] = rest
        }
        return true
    }

    /// What a remainder is paid for: the units of each SKU for which no other refund has paid, ascending by SKU.
    public var holdsLeft: [SKUUnits] {
        refunds.allSatisfy(\.lines.isEmpty) ? holds : merged(zip(lines, unitsLeft).map { ($0.sku, $1) })
    }

    /// The units of each SKU that have not come back by a refund of lines, ascending by SKU.
    public var holdsKept: [SKUUnits] {
        var kept = lines.map(\.quantity)
        for line in refunds.flatMap(\.lines) where line.restock {
            kept[line.line] = kept[line.line].subtracting(line.quantity)!
        }
        return merged(zip(lines, kept).map { ($0.sku, $1) })
    }

    /// The units of each SKU that come back to the stock with `lines`, ascending by SKU.
    public func unitsRestocked(by lines: [RefundLine]) -> [SKUUnits] {
        merged(lines.filter(\.restock).map { (self.lines[$0.line].sku, $0.quantity) })
    }

    private func merged(_ units: [(SKU, Units)]) -> [SKUUnits] {
        var sums: [SKU: Units] = [:]
        for (sku, count) in units where count > 0 { sums[sku] = (sums[sku] ?? .zero).adding(count) ?? .max }
        return sums.sorted { $0.key < $1.key }.map { SKUUnits(sku: $0.key, units: $0.value) }
    }

    /// What `lines` cost when they were bought; nil when it does not fit 64 bits.
    func price(of lines: [RefundLine]) -> Int64? {
        var sum: Int64 = 0
        for line in lines {
            let (price, isTooMuch) = self.lines[line.line].unitPrice.multipliedReportingOverflow(
                by: line.quantity.rawValue)
            let (next, overflow) = sum.addingReportingOverflow(price)
            guard !isTooMuch, !overflow else { return nil }
            sum = next
        }
        return sum
    }
}
