import EventSourcing

/// An e-mail address in the one form that we compare: trimmed, lower case, ASCII.
///
/// At most 254 characters, 64 of them before the one `@`; the part behind it is host names joined by dots. Stricter
/// than RFC 5321, which no mail service uses whole: no quoted parts, no address literals, no letters beyond ASCII.
public struct EmailAddress: AggregateID, LosslessStringConvertible {
    public let description: String

    /// RFC 5321, 4.5.3.1: a path of 256 octets with its brackets.
    public static let lengthMax = 254
    /// RFC 5321, 4.5.3.1.1.
    public static let localPartLengthMax = 64

    /// Trims and lowers `text`; nil when what is left is no address.
    public init?(_ text: String) {
        guard text.utf8.count <= 2 * Self.lengthMax else { return nil }
        let blank: (UInt8) -> Bool = { $0 == 0x20 || (0x09...0x0d).contains($0) }
        var trimmed = Array(text.utf8.drop(while: blank))
        while let last = trimmed.last, blank(last) { trimmed.removeLast() }
        self.init(lowered: trimmed.map { (0x41...0x5a).contains($0) ? $0 | 0x20 : $0 })
    }

    public init?(encoded bytes: ArraySlice<UInt8>) {
        guard !bytes.contains(where: { (0x41...0x5a).contains($0) }) else { return nil }
        self.init(lowered: Array(bytes))
    }

    private init?(lowered: [UInt8]) {
        guard lowered.count <= Self.lengthMax else { return nil }
        let parts = lowered.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        guard parts.count == 2, Self.isLocalPart(parts[0]), Self.isDomain(parts[1]) else { return nil }
        description = String(decoding: lowered, as: UTF8.self)
    }

    public var slot: Slot { Slot(hashing: description) }

    public func encode(into bytes: inout [UInt8]) { bytes.append(contentsOf: description.utf8) }

    private static func isLocalPart(_ part: ArraySlice<UInt8>) -> Bool {
        let words = part.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return part.count <= localPartLengthMax && words.allSatisfy { !$0.isEmpty && $0.allSatisfy(isAtomText) }
    }

    private static func isDomain(_ part: ArraySlice<UInt8>) -> Bool {
        part.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { label in
            (1...63).contains(label.count) && label.first != UInt8(ascii: "-") && label.last != UInt8(ascii: "-")
                && label.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
        }
    }

    private static func isAlphanumeric(_ character: UInt8) -> Bool {
        (0x30...0x39).contains(character) || (0x61...0x7a).contains(character)
    }

    /// RFC 5322, 3.2.3.
    private static func isAtomText(_ character: UInt8) -> Bool {
        isAlphanumeric(character) || "!#$%&'*+-/=?^_`{|}~".utf8.contains(character)
    }
}
