/// An amount of money in minor units ("pence") of one currency.
///
/// Arithmetic is checked: what does not fit, or mixes currencies, is nil and never a trap.
public struct Money: Hashable, Sendable, CustomStringConvertible {
    /// Minor units; negative amounts exist (a correction), prices and totals are never negative.
    public let amount: Int64
    public let currency: Currency

    public init(amount: Int64, currency: Currency) {
        self.amount = amount
        self.currency = currency
    }

    /// The sum; nil when the currencies differ or it does not fit 64 bits.
    public func adding(_ other: Money) -> Money? {
        guard currency == other.currency else { return nil }
        let (sum, overflow) = amount.addingReportingOverflow(other.amount)
        return overflow ? nil : Money(amount: sum, currency: currency)
    }

    /// The difference; nil when the currencies differ or it does not fit 64 bits.
    public func subtracting(_ other: Money) -> Money? {
        guard currency == other.currency else { return nil }
        let (difference, overflow) = amount.subtractingReportingOverflow(other.amount)
        return overflow ? nil : Money(amount: difference, currency: currency)
    }

    /// The price of so many units; nil when it does not fit 64 bits.
    public func multiplied(by units: Units) -> Money? {
        let (product, overflow) = amount.multipliedReportingOverflow(by: units.rawValue)
        return overflow ? nil : Money(amount: product, currency: currency)
    }

    /// Minor units and code, such as `1299 GBP`: for logs, not for shoppers.
    public var description: String { "\(amount) \(currency)" }
}
