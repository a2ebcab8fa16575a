import ArgumentParser
import EventSourcing
import Snapshots
import Workload

/// `cloudretail restore`: a new cluster out of a snapshot, or of a moment that an archive has.
struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Make a new cluster on this machine out of a snapshot.",
        discussion: """
            The snapshot is proved as `snapshot verify` does, and leaves nothing when it does not hold. The new \
            cluster has an id of its own: no node of the old one can join it, and no access token of the old one is \
            taken. What the shards do not know of each other is settled: the order decides. With another number of \
            shards, and where something has to be undone, the history that can be paged through and the event feed \
            begin anew. Each repair is printed. `cluster up --base-dir` starts it. A restore that was interrupted is \
            run again.
            """)

    @Option(
        help: ArgumentHelp(
            "The snapshot: a file, or an object of S3 such as s3://BUCKET/KEY; or an archive: its directory, or "
                + "s3://BUCKET/PREFIX.", valueName: "file|dir|s3"),
        transform: SnapshotPlace.parse)
    var from: SnapshotPlace

    @Option(
        help: ArgumentHelp(
            "With an archive: the moment, as RFC 3339 has it, or the last record, as shard:index or the indexes of all "
                + "shards with commas between; all that the archive has, if not given. A moment behind its last record "
                + "is refused, and the time of that record is told.", valueName: "time|position"),
        transform: RestoreCommand.moment)
    var until: Moment?

    @Option(
        help: "The archive whose log leads on from the snapshot: its directory, or s3://BUCKET/PREFIX.",
        transform: SnapshotPlace.parse)
    var log: SnapshotPlace?

    @OptionGroup var encryption: EncryptionOptions

    @Option(name: .customLong("base-dir"), help: "Where the cluster shall be: no directory yet, or an empty one.")
    var base: String

    @Option(help: "Nodes of the new cluster.")
    var nodes = 3

    @Option(help: "Shards of the new cluster; as many as the snapshot has, if not given.")
    var shards: Int?

    @Flag(name: .customLong("end-sessions"), help: "End all sessions: refresh tokens are refused too.")
    var endsSessions = false

    @Option(help: "Who takes its payments.")
    var payment = ClusterUpCommand.Payment.simulator

    @Option(name: .customLong("admin-email"), help: "The log-in name of the first administrator, if there is none yet.")
    var administrator = "admin@example.com"

    @Flag(name: .customLong("dry-run"), help: "Prove the snapshot, and write nothing.")
    var isDry = false

    private static func moment(_ text: String) throws -> Moment {
        guard let moment = Moment(text) else {
            throw ValidationError("--until takes a time such as 2026-11-29T10:00:00Z, or a position such as 0:1200.")
        }
        return moment
    }

    func validate() throws {
        guard (1...ClusterMembership.foundersMax).contains(nodes) else {
            throw ValidationError("A cluster has 1 to \(ClusterMembership.foundersMax) nodes.")
        }
        try NodeConfiguration.requireShards(shards ?? 1)
        try BaseDirectoryOption.require(base)
        guard until == nil || log != nil || !from.isSnapshot else {
            throw ValidationError("--until takes an archive, as --from or as --log.")
        }
    }

    func run() async throws {
        try Restoration.requireRoom(at: base)
        let key = try encryption.key()
        try await from.withContent(key: key) { content in
            guard let log else { return try await restore(RestoreSource(content, moment: until, key: key)) }
            try await log.withContent(key: key) { log in
                guard case .archive(let log) = log else {
                    throw ValidationError("--log takes an archive.")
                }
                try await restore(RestoreSource(content, log: log, moment: until, key: key))
            }
        }
    }

    private func restore(_ source: RestoreSource) async throws {
        let workshop = try RestoreWorkshop(beside: base)
        defer { workshop.close() }
        let snapshot = try await source.snapshot(making: workshop.moment)
        guard !isDry else {
            return print("\(try prove(snapshot).text)\nEverything holds; nothing was written.")
        }
        var record = try ClusterRecord(
            nodes: nodes, shards: shards ?? snapshot.header.shards.count, httpBase: nil, payment: payment,
            administrator: administrator, rateLimits: .on)
        record.isRestored = true
        let plan = try await Restoration(of: snapshot, as: record, in: workshop).perform { try prove(snapshot) }
        print("\(plan.text)\nrestored as      cluster \(record.cluster) of \(nodes.counted("node")) in \(base)")
    }

    /// Judges the snapshot, and what is to become of it.
    private func prove(_ snapshot: SnapshotFile) throws -> RestorePlan {
        let verification = try Verification(snapshot)
        try verification.requireSound("\(from)")
        let plan = try RestorePlan(snapshot, verification.audit, shards: shards, endsSessions: endsSessions)
        try plan.requireSound()
        return plan
    }
}
