import EventSourcing

/// A stock-keeping unit: the merchant's own code for one sellable variant, such as `22941` or `BANK CHARGES`.
///
/// 1 to 64 printable ASCII characters; no slash, backslash or quotation mark (it stands in URLs, logs and CSV files);
/// a space only inside. Compared byte by byte: `35004c` and `35004C` are two SKUs.
public struct SKU: AggregateID, Comparable, LosslessStringConvertible {
    private let code: String

    /// Long enough for every scheme in use (GTIN has 14 digits), short enough for a key.
    public static let lengthMax = 64

    /// nil unless `code` is a SKU exactly as written; trimming is up to the caller.
    public init?(_ code: String) {
        guard Self.isValid(code.utf8) else { return nil }
        self.code = code
    }

    public init?(encoded bytes: ArraySlice<UInt8>) {
        guard Self.isValid(bytes) else { return nil }
        code = String(decoding: bytes, as: UTF8.self)
    }

    /// Whether a new variant may have it. A path that ends in `.` or `..` is another path to every client (RFC 3986,
    /// section 5.2.4), and `/inventory/batch` is a route; variants that have such a SKU from earlier keep it.
    public var isAddressable: Bool { !Self.unaddressable.contains(code) }

    /// The SKUs that cannot stand as a segment of a path.
    public static let unaddressable: Set<String> = [".", "..", "batch"]

    public var slot: Slot { Slot(hashing: code) }

    public func encode(into bytes: inout [UInt8]) { bytes.append(contentsOf: code.utf8) }

    public var description: String { code }

    /// The characters as UTF-8.
    public var utf8: String.UTF8View { code.utf8 }

    public static func < (left: Self, right: Self) -> Bool { left.code < right.code }

    private static func isValid(_ code: some BidirectionalCollection<UInt8>) -> Bool {
        let space = UInt8(ascii: " ")
        guard (1...lengthMax).contains(code.count), code.first != space, code.last != space else { return false }
        return code.allSatisfy(isAllowed)
    }

    private static func isAllowed(_ character: UInt8) -> Bool {
        switch character {
        case UInt8(ascii: "/"), UInt8(ascii: "\\"), UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "`"): false
        default: (0x20...0x7e).contains(character)
        }
    }
}
