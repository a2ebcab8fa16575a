import Currencies

/// Exact amounts of money from decimal text.
public enum MinorUnits {
    /// Why a text is not an amount.
    public enum Fault: Error, Equatable, CustomStringConvertible {
        case notANumber(String)
        case tooPrecise(String)
        case outOfRange(String)

        public var description: String {
            switch self {
            case .notANumber(let text): "\"\(text)\" is not a decimal number"
            case .tooPrecise(let text): "\"\(text)\" has a fraction of the smallest coin"
            case .outOfRange(let text): "\"\(text)\" is out of range"
            }
        }
    }

    /// `"8.5"` with two digits behind the point is 850. No rounding and no floating point; a sign is kept.
    public static func parse(_ text: String, exponent: Int = 2) throws(Fault) -> Int64 {
        var digits = text.utf8[...]
        let isNegative = digits.first == UInt8(ascii: "-")
        if isNegative { digits.removeFirst() }
        let parts = digits.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        let whole = parts[0]
        var fraction = parts.count == 2 ? parts[1] : digits[digits.endIndex...]
        let decimals = UInt8(ascii: "0")...UInt8(ascii: "9")
        let isNumber = whole.allSatisfy(decimals.contains) && fraction.allSatisfy(decimals.contains)
        guard isNumber, !whole.isEmpty, parts.count == 1 || !fraction.isEmpty else { throw .notANumber(text) }
        while fraction.count > exponent {
            guard fraction.removeLast() == UInt8(ascii: "0") else { throw .tooPrecise(text) }
        }
        let padding = repeatElement(UInt8(ascii: "0"), count: exponent - fraction.count)
        let minor = String(decoding: Array(whole) + Array(fraction) + Array(padding), as: UTF8.self)
        guard let value = Int64((isNegative ? "-" : "") + minor) else { throw .outOfRange(text) }
        return value
    }

    /// 850 with two digits behind the point is `"8.50"`.
    static func text(_ amount: Int64, exponent: Int) -> String {
        let digits = String(amount.magnitude)
        let padded = String(repeating: "0", count: max(0, exponent + 1 - digits.count)) + digits
        let sign = amount < 0 ? "-" : ""
        guard exponent > 0 else { return sign + padded }
        return "\(sign)\(padded.dropLast(exponent)).\(padded.suffix(exponent))"
    }
}

extension Money {
    /// `8.50 EUR`; in minor units for a currency whose digits are not known.
    var text: String {
        guard let digits = MinorUnit.digits(of: currency) else { return "\(amount) minor units of \(currency)" }
        return "\(MinorUnits.text(amount, exponent: digits)) \(currency)"
    }
}
