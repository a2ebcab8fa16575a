/// A currency by its ISO 4217 code: three letters `A`–`Z`.
///
/// The shape of the code is checked, not its presence on ISO's list, which changes over the life of a log.
public struct Currency: Hashable, Sendable, LosslessStringConvertible {
    /// The letters as ASCII, first to last, in the low three bytes.
    package let letters: UInt32

    /// nil unless `code` is three upper-case ASCII letters.
    public init?(_ code: String) {
        self.init(ascii: code.utf8)
    }

    package init?(ascii code: some Collection<UInt8>) {
        guard code.count == 3 else { return nil }
        var letters: UInt32 = 0
        for letter in code {
            guard (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(letter) else { return nil }
            letters = letters << 8 | UInt32(letter)
        }
        self.letters = letters
    }

    public var description: String {
        String(unsafeUninitializedCapacity: 3) { text in
            for place in 0..<3 { text[place] = UInt8(truncatingIfNeeded: letters >> UInt32(16 - 8 * place)) }
            return 3
        }
    }

    /// How many decimal digits the minor unit has: 2 for most, 0 for yen, 3 for dinars. Source: ISO 4217, list one.
    public var minorUnits: Int {
        switch description {
        case "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF",
            "XOF", "XPF":
            0
        case "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND": 3
        case "CLF", "UYW": 4
        default: 2
        }
    }

    public static let eur = Currency("EUR")!
    public static let gbp = Currency("GBP")!
    public static let usd = Currency("USD")!
}
