/// The port to the other nodes.
///
/// Delivery is best effort: a message may be lost or repeated, never altered and never handed to another group or node.
/// From one node to another, the messages of a group keep their order while the link stands. Every implementation
/// passes `PeerNetworkSuite`.
public protocol PeerNetwork {
    /// Whose end this is.
    var node: NodeID { get }

    /// Queues `messages`, each for the node it names, and returns at once. What does not fit is dropped, and reported
    /// as `.unreachable`; so is what is meant for a node without a link.
    func send(_ messages: [Message], of group: GroupID)

    /// Where everything goes that arrives from now on, in order and one at a time.
    func receive(_ handler: @escaping @Sendable (PeerEvent) -> Void)
}

/// What the network has to tell a node.
public enum PeerEvent: Hashable, Sendable {
    case message(Message, group: GroupID)
    /// Messages to `node` were dropped: for `Replica.reportUnreachable`.
    case unreachable(NodeID, group: GroupID)
}
