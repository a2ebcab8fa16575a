import Consensus

/// What carries frames of bytes between this node and its peers: each stream of a peer in order, without a repeat, and
/// anything may be lost with its connection.
public protocol PeerLinks: Sendable {
    /// Hands a frame to the connection; never waits.
    ///
    /// - Returns: false when there is no connection, or its queue is at its limit: nothing is sent.
    @discardableResult
    func send(_ frame: [UInt8], on stream: PeerStream, to peer: NodeID) -> Bool

    /// As `send`, for what is long: waits while the queue is full.
    ///
    /// - Throws: when there is no connection, or it ends meanwhile.
    func sendWhenRoom(_ frame: [UInt8], on stream: PeerStream, to peer: NodeID) async throws(PeerUnreachable)

    /// Sets what takes the frames of a stream, once for each stream, before the links begin. It is called on a
    /// connection's thread, in the order of the frames of each peer, and must not block.
    func receive(on stream: PeerStream, _ take: @escaping @Sendable (_ from: NodeID, _ frame: [UInt8]) -> Void)

    /// Adds one that is told whenever a stream to a peer can be used, and when that ends. Called as `receive`'s.
    func observe(_ change: @escaping @Sendable (_ peer: NodeID, _ stream: PeerStream, _ isConnected: Bool) -> Void)
}

/// No frame reaches this peer at present.
public struct PeerUnreachable: Error, Hashable, Sendable {
    public let peer: NodeID
    public init(peer: NodeID) { self.peer = peer }
}
