/// What a node says of itself: to the other nodes, several times a second, and through each of them to operators.
public struct NodeFacts: Sendable, Equatable {
    /// What a node is in the group of a shard. The number travels; it is never reused.
    public enum Role: UInt8, Sendable, CaseIterable {
        case follower = 1
        case candidate = 2
        case leader = 3
        case learner = 4
    }

    /// A node's replica of one shard.
    public struct Replica: Sendable, Equatable {
        public var shard: UInt16
        public var role: Role
        public var term: UInt64
        public var committed: UInt64
        public var applied: UInt64

        public init(shard: UInt16, role: Role, term: UInt64, committed: UInt64, applied: UInt64) {
            self.shard = shard
            self.role = role
            self.term = term
            self.committed = committed
            self.applied = applied
        }
    }

    public var node: UInt64
    /// The URL of its gateway; empty before it listens.
    public var http: String
    public var isReady: Bool
    public var version: String
    /// In the order of the shards.
    public var replicas: [Replica]

    public init(node: UInt64, http: String, isReady: Bool, version: String, replicas: [Replica]) {
        self.node = node
        self.http = http
        self.isReady = isReady
        self.version = version
        self.replicas = replicas
    }
}
