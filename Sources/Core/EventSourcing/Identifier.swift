/// What tells ids of different things apart, in types and for people.
public protocol IdentifierKind: Sendable {
    /// The three letters that begin the text form, such as `ord`.
    static var prefix: String { get }
}

/// A unique id that sorts by time and carries its routing slot.
///
/// 128 bits in the layout of RFC 9562's UUIDv7: 48 bits of Unix milliseconds, the version, 12 bits of slot in
/// `rand_a`, the variant, 62 random bits. In text it is the kind's prefix, an underscore and 26 characters of
/// Crockford base 32, which sort as the bits do.
public struct Identifier<Kind: IdentifierKind>: AggregateID, Comparable {
    public let high: UInt64
    public let low: UInt64

    /// - Parameters:
    ///   - moment: when the thing named began; the id sorts by its milliseconds.
    ///   - slot: where it is routed; the customer's, for whatever belongs to a customer.
    ///   - random: fresh random bits, of which 62 are used.
    public init(at moment: Timestamp, slot: Slot, random: UInt64) {
        let milliseconds = UInt64(clamping: moment.milliseconds) & 0xffff_ffff_ffff
        high = milliseconds << 16 | 0x7000 | UInt64(slot.rawValue)
        low = 0x8000_0000_0000_0000 | random >> 2
    }

    init?(high: UInt64, low: UInt64) {
        guard high & 0xf000 == 0x7000, low >> 62 == 0b10 else { return nil }
        self.high = high
        self.low = low
    }

    public var slot: Slot { Slot(UInt16(high & 0x0fff)) }

    /// When the thing named began, to the millisecond.
    public var moment: Timestamp { Timestamp(milliseconds: Int64(high >> 16)) }

    /// By the random bits, which tell ids apart by themselves.
    public func hash(into hasher: inout Hasher) { hasher.combine(low) }

    public static func < (left: Self, right: Self) -> Bool { (left.high, left.low) < (right.high, right.low) }
}

// MARK: - Bytes

extension Identifier {
    public func encode(into bytes: inout [UInt8]) {
        withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { bytes.append(contentsOf: $0) }
    }

    public init?(encoded bytes: ArraySlice<UInt8>) {
        guard bytes.count == 16 else { return nil }
        let (high, low) = bytes.withUnsafeBytes { bytes in
            (
                UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
                UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            )
        }
        self.init(high: high, low: low)
    }
}

// MARK: - Text

extension Identifier: LosslessStringConvertible {
    public var description: String {
        let prefix = Kind.prefix.utf8
        return String(unsafeUninitializedCapacity: prefix.count + 27) { bytes in
            var end = 0
            func append(_ byte: UInt8) {
                bytes[end] = byte
                end += 1
            }
            prefix.forEach(append)
            append(UInt8(ascii: "_"))
            withText(append)
            return end
        }
    }

    /// Hands the 26 base-32 characters to `body`, first to last, as ASCII.
    @inline(__always)
    private func withText(_ body: (UInt8) -> Void) {
        var shift = 125
        while shift >= 0 {
            body(CrockfordBase32.alphabet[Int(fiveBits(at: shift))])
            shift -= 5
        }
    }

    @inline(__always)
    private func fiveBits(at shift: Int) -> UInt64 {
        if shift >= 64 { return (high >> UInt64(shift - 64)) & 31 }
        let below = low >> UInt64(shift)
        return (shift > 59 ? below | high << UInt64(64 - shift) : below) & 31
    }

    /// Appends the text form as UTF-8, without building a String.
    public func appendText(to bytes: inout [UInt8]) {
        bytes.append(contentsOf: Kind.prefix.utf8)
        bytes.append(UInt8(ascii: "_"))
        withText { bytes.append($0) }
    }

    /// Reads the text form, in either case; nil when it is not one, or of another kind.
    public init?(_ text: String) {
        guard text.utf8.count == Kind.prefix.utf8.count + 27, text.hasPrefix(Kind.prefix) else { return nil }
        var rest = text.utf8.dropFirst(Kind.prefix.utf8.count)
        guard rest.popFirst() == UInt8(ascii: "_") else { return nil }
        var high: UInt64 = 0
        var low: UInt64 = 0
        for (position, character) in rest.enumerated() {
            guard let digit = CrockfordBase32.value(of: character), position > 0 || digit < 8 else { return nil }
            high = high << 5 | low >> 59
            low = low << 5 | UInt64(digit)
        }
        self.init(high: high, low: low)
    }
}

/// Crockford's base 32: no I, L, O or U, so that an id can be read aloud. https://www.crockford.com/base32.html
enum CrockfordBase32 {
    static let alphabet = [UInt8]("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 255, count: 256)
        for (value, character) in alphabet.enumerated() {
            values[Int(character)] = UInt8(value)
            values[Int(character | 0x20)] = UInt8(value)
        }
        return values
    }()

    static func value(of character: UInt8) -> UInt8? {
        let value = values[Int(character)]
        return value == 255 ? nil : value
    }
}
