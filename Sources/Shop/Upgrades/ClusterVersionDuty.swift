import ActorSystem
import Checkout
import EventSourcing

/// Raises the version of the cluster to the newest that every member reads: the duty of the leader of shard 0.
public struct ClusterVersionDuty: LeaderDuty {
    /// How often the members are looked at.
    private static let interval = Duration.milliseconds(100)

    private let gate: VersionGate
    private let members: @Sendable () -> [ClusterVersion?]
    private let clock: @Sendable () -> Timestamp
    private let timer: any Clock<Duration>

    /// - Parameters:
    ///   - gate: of this node.
    ///   - members: of each member the newest version that it reads, this node's own among them; nil for a member that
    ///     has not said so since this node started.
    ///   - timer: measures pauses.
    public init(
        gate: VersionGate, members: @escaping @Sendable () -> [ClusterVersion?],
        clock: @escaping @Sendable () -> Timestamp, timer: any Clock<Duration> = ContinuousClock()
    ) {
        self.gate = gate
        self.members = members
        self.clock = clock
        self.timer = timer
    }

    public func perform(on shard: Shard) async throws {
        guard shard.id == .catalogue else { return }
        while !Task.isCancelled {
            if let version = Self.common(members()), version > gate.version {
                _ = try await shard.run(RaiseClusterVersion(to: version), at: clock())
                gate.raise(to: version)
            }
            try? await timer.sleep(for: Self.interval)
        }
    }

    /// The newest version that all of them read; nil when one is not known.
    public static func common(_ newest: [ClusterVersion?]) -> ClusterVersion? {
        if newest.contains(nil), !Mistake.silentMemberReadsAll.isMade { return nil }
        return newest.compactMap(\.self).min()
    }
}
