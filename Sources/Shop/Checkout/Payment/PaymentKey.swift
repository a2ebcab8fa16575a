/// The key by which a payment provider knows the shop. It goes to the provider and nowhere else: neither text made of
/// it nor a mirror shows it.
public struct PaymentKey: Sendable, CustomStringConvertible, CustomReflectable {
    let text: String

    /// The keys of the providers in use have some hundred characters.
    public static let lengthMax = 512

    /// What is in the file is no key.
    public struct Malformed: Error, Hashable, CustomStringConvertible {
        public let description = "a payment key is one line of 1 to \(lengthMax) visible ASCII characters"
    }

    /// - Parameter file: the contents of the key's file; the end of the line is not part of the key.
    public init(_ file: [UInt8]) throws(Malformed) {
        var bytes = file[...]
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        guard (1...Self.lengthMax).contains(bytes.count), bytes.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw Malformed()
        }
        text = String(decoding: bytes, as: UTF8.self)
    }

    public var description: String { "a payment key" }
    public var customMirror: Mirror { Mirror(self, children: []) }

    /// The value of the field `Authorization`. Source: RFC 6750, section 2.1.
    var authorization: String { "Bearer " + text }
}
