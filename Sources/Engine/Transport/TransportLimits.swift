/// What one peer may make this node hold.
public struct TransportLimits: Sendable {
    /// Bytes of the longest frame of each stream: the longest record, and what is said about it.
    public var frameBytesMax = (4 << 20) + (64 << 10)

    public init() {}
}
