import Commerce
import Consensus
import EventSourcing

/// What checkers are told, as it happens and in order.
public enum Observation: Sendable {
    // Nodes.
    case started(NodeID)
    case crashed(NodeID)
    /// A node has taken leadership of a shard: from `first` on the entries are its own.
    case leads(NodeID, ShardID, Term, first: EntryIndex)
    case ceded(NodeID, ShardID)
    /// A node takes up the duties of a shard's leader, or has laid them down.
    case onDuty(NodeID, ShardID)
    case offDuty(NodeID, ShardID)
    // Logs.
    /// A node knows an entry to be committed, and hands it on. The first node to do so makes `isFirst` true: these
    /// observations together are the history of the shard, in order and without a gap.
    case committed(NodeID, ShardID, Entry, isFirst: Bool)
    /// A node has installed a snapshot that reaches to `last`.
    case restored(NodeID, ShardID, last: EntryIndex)
    /// A record changed this aggregate of a shard: its committed state after it, as stored, on one node.
    case applied(NodeID, ShardID, LogIndex, AggregateKind, id: [UInt8], state: [UInt8])
    /// A message left a node: what others will count on.
    case sent(NodeID, ShardID, Message)
    // Phase two has begun: from here on everything must come to its end.
    case healed
}

/// Watches a run and says what is wrong.
///
/// A checker is an object of one run. Clients, the provider and the like tell their checkers more than observations, by
/// methods of their own.
public protocol Checker: AnyObject {
    /// Called for every observation, before the next event.
    func observe(_ observation: Observation, in world: World)

    /// Called after every event, once nothing more follows from it. Must be cheap.
    func afterEvent(in world: World)

    /// What has yet to come to its end, in a few words; nil when nothing has. Phase two waits for it.
    func unsettled(in world: World) -> String?

    /// Called once, when phase two is over and everything must be at rest.
    func atEnd(of world: World)
}

extension Checker {
    public func observe(_ observation: Observation, in world: World) {}
    public func afterEvent(in world: World) {}
    public func unsettled(in world: World) -> String? { nil }
    public func atEnd(of world: World) {}
}

/// A promise that was broken.
public struct Violation: Error, Sendable, CustomStringConvertible {
    /// The virtual time, in microseconds from the start.
    public let moment: Int64
    public let message: String
    public var description: String { "at \(moment) µs: \(message)" }
}
