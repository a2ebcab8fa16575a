import EventSourcing
import Synchronization

/// What this node knows of all nodes: its own facts as they are, and those of the others as they have last said them.
public final class ClusterBoard: Sendable {
    /// A node says what it is several times in so many nanoseconds.
    private static let heardForMax: Int64 = 2_000_000_000

    private struct State {
        var http = ""
        var heard: [UInt64: (facts: NodeFacts, at: Int64)] = [:]
        var loads: [UInt64: NodeLoad] = [:]
        /// Whether their disks are full.
        var disks: [UInt64: Bool] = [:]
    }

    private let cluster: UInt64
    private let own: @Sendable (_ http: String) -> NodeFacts
    private let members: @Sendable () -> Set<UInt64>
    private let version: @Sendable () -> ClusterVersion
    private let links: @Sendable () -> NodeLinks
    private let ownLoad: @Sendable () -> NodeLoad?
    private let ownDiskIsFull: @Sendable () -> Bool
    private let monotonic: @Sendable () -> Int64
    private let state = Mutex(State())

    /// - Parameters:
    ///   - cluster: its id.
    ///   - own: this node's facts at this moment, with the URL of its gateway.
    ///   - members: the nodes of the cluster.
    ///   - version: of the cluster, as far as this node knows it.
    ///   - links: of this node.
    ///   - load: of this node; nil where it is not measured.
    ///   - isDiskFull: of this node.
    public init(
        of cluster: UInt64 = 0, own: @escaping @Sendable (_ http: String) -> NodeFacts,
        members: @escaping @Sendable () -> Set<UInt64>,
        version: @escaping @Sendable () -> ClusterVersion = { .first },
        links: @escaping @Sendable () -> NodeLinks = { NodeLinks() },
        load: @escaping @Sendable () -> NodeLoad? = { nil },
        isDiskFull: @escaping @Sendable () -> Bool = { false },
        monotonic: @escaping @Sendable () -> Int64 = GatewayClock.system.monotonic
    ) {
        self.cluster = cluster
        self.own = own
        self.members = members
        self.version = version
        self.links = links
        ownLoad = load
        ownDiskIsFull = isDiskFull
        self.monotonic = monotonic
    }

    /// The gateway listens at `url`.
    public func note(http url: String) { state.withLock { $0.http = url } }

    /// What the cluster may write and say, as far as this node knows.
    public var clusterVersion: ClusterVersion { version() }

    /// What this node says of itself.
    public var facts: NodeFacts { own(state.withLock { $0.http }) }

    /// Where the members' gateways listen that have said so, this one's included, in the order of the nodes.
    public var gateways: [String] {
        let (facts, members) = (facts, members())
        let others = state.withLock { state in
            state.heard.filter { members.contains($0.key) }.mapValues(\.facts.http)
        }
        return others.merging([facts.node: facts.http]) { $1 }.sorted { $0.key < $1.key }.map(\.value)
            .filter { !$0.isEmpty }
    }

    /// What this node has done since it began.
    public var load: NodeLoad? { ownLoad() }

    /// Takes what another node says that it has done.
    public func take(_ load: NodeLoad, of node: UInt64) { state.withLock { $0.loads[node] = load } }

    /// Whether this node's disk is full.
    public var isDiskFull: Bool { ownDiskIsFull() }

    /// Takes what another node says of its disk.
    public func take(isDiskFull: Bool, of node: UInt64) { state.withLock { $0.disks[node] = isDiskFull } }

    /// Takes what another node has said of itself.
    public func take(_ facts: NodeFacts) {
        let now = monotonic()
        state.withLock { $0.heard[facts.node] = (facts, now) }
    }

    /// All members: a node that has never been heard of too, a node that has left not any more.
    public var status: ClusterStatus {
        let (facts, now, members) = (facts, monotonic(), members())
        let voices = state.withLock { state in
            state.heard = state.heard.filter { members.contains($0.key) && $0.key != facts.node }
            state.loads = state.loads.filter { state.heard[$0.key] != nil }
            state.disks = state.disks.filter { state.heard[$0.key] != nil }
            let silent = members.filter { state.heard[$0] == nil && $0 != facts.node }.map {
                ClusterStatus.Voice(
                    NodeFacts(node: $0, http: "", isReady: false, version: "", replicas: []), isHeard: false)
            }
            return silent
                + state.heard.values.map {
                    ClusterStatus.Voice(
                        $0.facts, load: state.loads[$0.facts.node], isDiskFull: state.disks[$0.facts.node],
                        isHeard: now - $0.at < Self.heardForMax)
                }
        }
        return ClusterStatus(
            of: cluster, by: facts.node,
            voices + [ClusterStatus.Voice(facts, load: load, isDiskFull: isDiskFull, isHeard: true)],
            version: version(), links: links())
    }
}
