/// What the messages to an endpoint are signed with. It describes itself without its bytes, so that no log shows them.
public struct WebhookSecret: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible {
    /// So many as the digest has that it keys.
    public static let length = 32

    public let bytes: [UInt8]

    public init(_ bytes: [UInt8]) { self.bytes = bytes }

    public var description: String { "(a secret)" }
    public var debugDescription: String { description }
}
