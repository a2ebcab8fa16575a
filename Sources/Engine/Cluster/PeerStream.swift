/// One of the ordered streams between two nodes, each with a connection of its own: what is long on one delays nothing
/// on another.
public enum PeerStream: UInt8, CaseIterable, Sendable {
    /// Messages of the shards' Raft groups: a heartbeat waits behind nothing else.
    case consensus = 1
    /// Steps and procedures on their way to a leader, and what came of them.
    case calls = 2
    /// The rows of states, for a node that is too far behind for the log.
    case snapshots = 3
    /// What nodes tell each other of themselves several times a second: what is lost is told again.
    case gossip = 4
}
