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

    /// Digits behind the point of currencies that do not have two, by ISO 4217.
    private static let otherExponents: [String: Int] = [
        "BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0, "RWF": 0, "UGX": 0,
        "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0, "BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3,
        "TND": 3,
    ]

    /// How many digits behind the point the currency's smallest coin stands for.
    public static func exponent(of currency: String) -> Int { otherExponents[currency] ?? 2 }

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
}
