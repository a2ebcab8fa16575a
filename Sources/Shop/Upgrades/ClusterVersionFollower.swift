import ActorSystem
import Commerce
import EventSourcing
import Schema

/// Opens a node's gate as far as the log says that the cluster has been upgraded, on every node.
public struct ClusterVersionFollower: Sendable {
    private static let limits = LogFollower.Limits(recordsMax: 4_096, bytesMax: 4 << 20)
    private static let kinds = KindSet(ClusterUpgrade.kind)

    private let shard: Shard
    private let gate: VersionGate
    private let readable: ClusterVersion

    /// - Parameter readable: the newest version of which this program reads everything.
    public init(of shards: ShardMap, gate: VersionGate, readable: ClusterVersion) {
        shard = shards.catalogue
        self.gate = gate
        self.readable = readable
    }

    /// Opens the gate as far as the states of this node say.
    ///
    /// - Throws: `ProgramOutdated` where they may hold what this program does not read.
    public func begin() async throws { try take(await stored().version) }

    /// Follows the log until the task is cancelled or the journal ends.
    ///
    /// - Throws: `ProgramOutdated`.
    public func follow() async throws {
        try await LogFollower(of: shard, limits: Self.limits).follow { _ in
            let (version, index) = await stored()
            try take(version)
            return index
        } _: { stretch in
            for record in stretch.records {
                for entry in try RecordBody(record.bytes, of: Self.kinds).entries {
                    for bytes in entry.events {
                        let event = try RetailEvent(kind: entry.kind, id: entry.id, event: bytes)
                        guard let (_, event) = event.of(ClusterUpgrade.self) else { continue }
                        switch event {
                        case .raised(let version): try take(version)
                        }
                    }
                }
            }
        }
    }

    private func stored() async -> (version: ClusterVersion, index: LogIndex) {
        await shard.readCommitted { states in
            (states.read(ClusterUpgrade.self, ClusterUpgradeID()).state.version, states.index)
        }
    }

    private func take(_ version: ClusterVersion) throws(ProgramOutdated) {
        guard version <= readable else { throw ProgramOutdated(readable: readable, cluster: version) }
        gate.raise(to: version)
    }
}

/// The cluster has been upgraded past what this program reads: it must not serve.
public struct ProgramOutdated: Error, Hashable, Sendable, CustomStringConvertible {
    public let readable: ClusterVersion
    public let cluster: ClusterVersion

    public var description: String {
        "the cluster has been upgraded to version \(cluster); this program reads up to \(readable): start a newer one"
    }
}
