/// What operators change of a cluster while it serves. Each may be asked for again after any failure.
public protocol ClusterOperations: Sendable {
    /// Takes a node in: it learns, and votes once it has caught up.
    ///
    /// - Parameters:
    ///   - node: a number that no node of the cluster has had.
    ///   - address: where it listens for the others, as `host:port`.
    ///   - replaced: the node that leaves in the change in which the new one begins to vote.
    /// - Returns: whether it is done; false when it is under way, for the caller to ask again.
    func add(_ node: UInt64, at address: String, replacing replaced: UInt64?) async throws(ClusterRefusal) -> Bool

    /// Lets a node go. What it leads is handed over first.
    ///
    /// - Returns: as `add`.
    func remove(_ node: UInt64) async throws(ClusterRefusal) -> Bool

    /// Hands the leadership of a shard to one of its voters.
    ///
    /// - Returns: as `add`.
    func transferLeadership(of shard: UInt16, to node: UInt64) async throws(ClusterRefusal) -> Bool
}

/// Why the cluster stays as it is.
public enum ClusterRefusal: Error, Hashable, Sendable {
    /// A node that is alone has no cluster.
    case alone
    case unknownNode(UInt64)
    case unknownShard(UInt16)
    /// It is what it was to become.
    case memberAlready(UInt64)
    /// A node of this number has left the cluster: what it once promised stands on a disk that may come back.
    case numberUsed(UInt64)
    case addressUnusable(String)
    /// Another node listens there.
    case addressTaken(by: UInt64)
    /// The node was added with another address.
    case addressDiffers(known: String)
    /// More would make every write slower.
    case tooManyVoters(max: Int)
    /// One voter alone outlives no loss.
    case tooFewVoters
    /// Too few of the nodes that would be left are heard of: they could decide nothing.
    case majorityAtRisk(heard: Int, of: Int)
    /// A node does not remove itself: it would not learn that it is done.
    case asksItself(UInt64)
    /// It does not vote, or is not heard of.
    case cannotLead(UInt64)
    case noLeader(shard: UInt16)
}

extension ClusterRefusal: ProblemConvertible {
    public var problem: Problem {
        switch self {
        case .alone: Problem(.conflict, "This node is alone: a cluster begins with several nodes.")
        case .unknownNode(let node): Problem(.notFound, "The cluster has no node \(node).")
        case .unknownShard(let shard): Problem(.notFound, "The cluster has no shard \(shard).")
        case .memberAlready(let node): Problem(.alreadyExists, "Node \(node) is a member already.")
        case .numberUsed(let node):
            Problem(.conflict, "A node \(node) has left the cluster: a node that comes in has a new number.")
        case .addressUnusable(let address):
            Problem(
                .invalidFields, "\(address) is no address with a port.",
                errors: [FieldError(pointer: "/address", detail: "must be host:port")])
        case .addressTaken(let node): Problem(.conflict, "Node \(node) listens at this address.")
        case .addressDiffers(let known): Problem(.conflict, "The node is known to listen at \(known).")
        case .tooManyVoters(let max): Problem(.conflict, "A cluster has \(max) voters at most.")
        case .tooFewVoters: Problem(.conflict, "One voter would be left, and the loss of it would end the shop.")
        case .majorityAtRisk(let heard, let count):
            Problem(
                .conflict,
                "Of the \(count) voters that would be left \(heard) are heard of: they could decide nothing.")
        case .asksItself(let node): Problem(.conflict, "Node \(node) does not remove itself: ask another one.")
        case .cannotLead(let node): Problem(.conflict, "Node \(node) does not vote, or is not heard of.")
        case .noLeader(let shard):
            Problem(.noLeader, "No leader of shard \(shard) is known; nothing was done.").retry(after: .seconds(1))
        }
    }
}
