import ActorSystem
import Cluster
import Consensus
import EventSourcing
import Logging

/// The calls between the nodes of a cluster: steps and procedures on their way to the leaders of their shards.
///
///     let calls = RemoteCalls(node: node, links: links, logger: logger) { journals[Int($0.rawValue)].leader }
///     let shards = ShardMap(journals.map { Shard(…, route: calls.route) })
///     calls.serve(steps, shards: shards, clock: clock)
///     await calls.run()
public final class RemoteCalls: Sendable {
    private let system: CallSystem
    private let limits: CallLimits
    private let watch = LeaderWatch()
    private let leader: @Sendable (ShardID) -> NodeID?

    /// - Parameters:
    ///   - links: not begun yet.
    ///   - leader: the node that leads a shard, as far as this one knows.
    public init(
        node: NodeID, links: any PeerLinks, limits: CallLimits = CallLimits(), logger: Logger,
        leader: @escaping @Sendable (ShardID) -> NodeID?
    ) {
        let system = CallSystem(node: node, links: links, limits: limits, logger: logger)
        let watch = watch
        self.system = system
        self.limits = limits
        self.leader = leader
        links.receive(on: .calls) { peer, frame in system.receive(frame, from: peer) }
        links.observe { peer, stream, isConnected in
            guard stream == .calls else { return }
            system.outgoing.connectionChanged(to: peer, isConnected: isConnected)
            watch.tell()
        }
    }

    /// For the shards of this node.
    public var route: RemoteRoute { RemoteRoute(system: system, watch: watch, limits: limits, leader: leader) }

    /// From now on the node takes calls of its peers; once, when its shards are rebuilt.
    ///
    /// - Parameters:
    ///   - steps: what it takes, and nothing else.
    ///   - clock: stamps what is decided here.
    public func serve(_ steps: StepTable, shards: ShardMap, clock: @escaping @Sendable () -> Timestamp) {
        system.serve(Service(steps: steps, shards: shards, clock: clock, leader: leader))
    }

    /// Carries calls until the task is cancelled; those of other nodes end first, those on other nodes are given up.
    public func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.system.performIncoming() }
            group.addTask {
                while !Task.isCancelled {
                    try? await Task.sleep(for: self.limits.lookInterval)
                    self.system.outgoing.giveUp(.now, leader: self.leader)
                    self.watch.tell()
                }
            }
        }
        watch.end()
        system.outgoing.end()
    }

    public var counts: CallCounts {
        var counts = system.counter.counts
        counts.inFlight = system.outgoing.count
        counts.underWay = system.incomingCount
        return counts
    }
}
