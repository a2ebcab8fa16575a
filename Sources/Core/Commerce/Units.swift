/// A number of sellable units, from 0 to a million million.
public struct Units: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let rawValue: Int64

    /// More than any warehouse holds, and far enough from the end of 64 bits that a sum of two always fits.
    public static let max = Units(unchecked: 1_000_000_000_000)
    public static let zero = Units(unchecked: 0)

    /// nil unless `0 <= rawValue <= Units.max`.
    public init?(_ rawValue: Int64) {
        guard rawValue >= 0, rawValue <= Self.max.rawValue else { return nil }
        self.rawValue = rawValue
    }

    private init(unchecked rawValue: Int64) { self.rawValue = rawValue }

    /// The sum; nil past `Units.max`.
    public func adding(_ other: Units) -> Units? { Units(rawValue + other.rawValue) }

    /// The difference; nil below zero.
    public func subtracting(_ other: Units) -> Units? { Units(rawValue - other.rawValue) }

    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    public var description: String { String(rawValue) }
}

extension Units: ExpressibleByIntegerLiteral {
    /// A literal outside the range is a mistake in the program and stops it.
    public init(integerLiteral value: Int64) {
        precondition(value >= 0 && value <= 1_000_000_000_000, "a number of units is between 0 and 10^12")
        rawValue = value
    }
}

/// So many units of one SKU.
public struct SKUUnits: Hashable, Sendable {
    public let sku: SKU
    public let units: Units

    public init(sku: SKU, units: Units) {
        self.sku = sku
        self.units = units
    }
}
