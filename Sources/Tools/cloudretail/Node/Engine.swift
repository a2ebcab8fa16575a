import ActorSystem
import EventSourcing
import Foundation
import Logging
import RemoteCalls
import Schema
import Storage
import Transport
import Upgrades

/// The part of a node below the shop: its data directory and its shards, rebuilt and ready.
struct Engine: Sendable {
    let directory: DataDirectory
    let shards: ShardMap
    /// What the shards may write: what the version of the cluster allows.
    let gate: VersionGate
    /// Nil on a node that is alone.
    let calls: RemoteCalls?
    /// How long changes wait for their commitment.
    let commitTimes = CommitTimes()
    /// Records replayed at the start.
    let replayed: Int

    /// Opens the data directory and rebuilds every shard.
    ///
    /// - Parameters:
    ///   - membership: nil for a node that is alone.
    ///   - transport: to the peers of a member, before it runs.
    init(
        path: String, shards count: Int?, creating: Bool, options: DataDirectory.Options,
        membership: ClusterMembership? = nil, transport: Transport? = nil, logger: Logger
    ) async throws {
        let directory = try DataDirectory(
            path: path, shards: count, creating: creating, options: options,
            founding: membership?.founding ?? .alone, links: transport)
        self.directory = directory
        let calls = transport.map { links in
            RemoteCalls(node: directory.identity.node, links: links, logger: logger) { shard in
                directory.journals[Int(shard.rawValue)].leader
            }
        }
        self.calls = calls
        let gate = VersionGate(.first, newest: .newest)
        self.gate = gate
        let times = commitTimes
        shards = ShardMap(
            zip(directory.journals, directory.states).map { journal, states in
                Shard(
                    id: journal.shard, of: directory.journals.count,
                    journal: MeasuredJournal(journal, times: times), states: states, kinds: OwnedKind.all, gate: gate,
                    route: calls?.route
                ) { error in
                    logger.critical("The store has failed; the node stops", metadata: ["error": "\(error)"])
                    exit(EX_IOERR)
                }
            })
        var replayed = 0
        for shard in shards.shards { replayed += try await shard.recover() }
        self.replayed = replayed
        try await ClusterVersionFollower(of: shards, gate: gate, readable: .readable).begin()
    }

    /// Writes every state down, so that the next start replays nothing, and closes the directory.
    func close() async {
        for shard in shards.shards { await shard.saveAll() }
        directory.close()
    }

    /// The present, as records are stamped with it.
    static func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
    }

    /// Fresh random bits for ids.
    static func random() -> UInt64 { bits.next() }

    private static let bits = RandomBits()
}
