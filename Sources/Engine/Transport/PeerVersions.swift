import Consensus
import Synchronization

/// Which versions of a cluster the peers of a node read, as they say when they connect.
public final class PeerVersions: Sendable {
    private struct State {
        var required: @Sendable () -> UInt16 = { 1 }
        var newest: [NodeID: UInt16] = [:]
    }

    private let state = Mutex(State())

    /// Turns peers away from now on that do not read the cluster's version. To be called before the transport runs.
    ///
    /// - Parameter version: of the cluster, as this node knows it; called on the connections' thread.
    public func require(_ version: @escaping @Sendable () -> UInt16) { state.withLock { $0.required = version } }

    /// The newest version that `peer` said it reads, when it was connected last; nil before it was.
    public subscript(peer: NodeID) -> UInt16? { state.withLock { $0.newest[peer] } }

    /// - Throws: `.outdated` where `peer` does not read the cluster's version.
    func note(_ newest: UInt16, of peer: NodeID) throws(LinkRefusal) {
        let required = state.withLock { state in
            state.newest[peer] = newest
            return state.required
        }
        guard newest >= required() else { throw .outdated }
    }
}
