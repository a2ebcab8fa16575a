import Currencies

/// A currency by its ISO 4217 code: three letters `A`–`Z`.
///
/// The shape of the code is checked, not its presence on ISO's list, which changes over the life of a log.
public struct Currency: Hashable, Sendable, LosslessStringConvertible {
    /// The letters as ASCII, first to last, in the low three bytes.
    @usableFromInline package let letters: UInt32

    /// nil unless `code` is three upper-case ASCII letters.
    public init?(_ code: String) {
        self.init(ascii: code.utf8)
    }

    /// nil for a code that ISO 4217 does not list or gives no minor unit: a price in it would mean nothing.
    public init?(listed code: String) {
        guard MinorUnit.digits(of: code) != nil else { return nil }
        self.init(code)
    }

    @inlinable package init?(ascii code: some Collection<UInt8>) {
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

    /// How many decimal digits the minor unit has; nil for a code that ISO 4217 does not list or gives none.
    public var minorUnits: Int? { MinorUnit.digits(of: description) }

    public static let eur = Currency("EUR")!
    public static let gbp = Currency("GBP")!
    public static let usd = Currency("USD")!
}
