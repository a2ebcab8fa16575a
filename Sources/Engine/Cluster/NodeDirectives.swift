import Consensus
import EventSourcing

/// What a node's replicas want done after one turn of its driver. Performed once: first `frames` and `snapshots`, which
/// leave at once, then the rest, in the order of the turns.
public struct NodeDirectives: Sendable {
    /// To be sent, each to its peer: one frame for each.
    public var frames: [Frame] = []
    /// The rows of the shard's states are to be sent, then the message that announces them; how it ended is put into
    /// the inbox.
    public var snapshots: [ShardMessage] = []
    /// To be written while the driver goes on. Its end is put into the inbox; there is no other write until then.
    public var write: NodeWrite?
    /// What has become known to be committed, and is in the store.
    public var committed: [CommittedEntries] = []
    /// In their order.
    public var changes: [ShardChange] = []

    /// Adds to the frame of the node that the message is meant for.
    mutating func send(_ message: Message, of shard: ShardID) {
        let message = ShardMessage(shard: shard, message: message)
        if case .installSnapshot = message.message.body { return snapshots.append(message) }
        let peer = message.message.to
        // A node has few peers.
        if let position = frames.firstIndex(where: { $0.peer == peer }) {
            frames[position].messages.append(message)
        } else {
            frames.append(Frame(peer: peer, messages: [message]))
        }
    }
}

/// A message of one shard's group.
public struct ShardMessage: Hashable, Sendable {
    public let shard: ShardID
    public let message: Message

    public init(shard: ShardID, message: Message) {
        self.shard = shard
        self.message = message
    }
}

/// What leaves for one node together, or has come from one: messages of all shards, in their order.
public struct Frame: Hashable, Sendable {
    /// The node at the other end.
    public let peer: NodeID
    public internal(set) var messages: [ShardMessage]

    public init(peer: NodeID, messages: [ShardMessage]) {
        self.peer = peer
        self.messages = messages
    }

    /// Bytes of the entries in it.
    var entryBytes: Int { messages.reduce(0) { $0 + $1.message.entryBytes } }
}

extension Message {
    /// Bytes of the entries in it.
    var entryBytes: Int {
        guard case .append(_, let entries, _) = body else { return 0 }
        return entries.reduce(0) { $0 + $1.byteCount }
    }
}

/// One transaction of a node's store: durable as a whole, or not at all.
public struct NodeWrite: Sendable {
    /// Rises by one from each write of a node to the next.
    public let number: UInt64
    /// To be performed in this order. A shard may have several.
    public var parts: [ShardWrite]
}

/// Entries of one shard, in their order.
public struct CommittedEntries: Sendable {
    public let shard: ShardID
    public let entries: [Entry]
}

/// A change in the part that a node plays for one shard.
public struct ShardChange: Hashable, Sendable {
    public let shard: ShardID
    public let change: PartChange
}
