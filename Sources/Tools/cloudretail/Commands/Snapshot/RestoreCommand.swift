import ArgumentParser
import EventSourcing
import Snapshots

/// `cloudretail restore`: a new cluster out of a snapshot.
struct RestoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Make a new cluster on this machine out of a snapshot.",
        discussion: """
            The snapshot is proved as `snapshot verify` does before anything is written. The new cluster has an id of \
            its own: no node of the old one can join it, and no access token of the old one is taken. What \
            the shards do not know of each other is settled: the order decides. With another number of shards, and \
            where something has to be undone, the history that can be paged through and the event feed begin anew. \
            Each repair is printed. `cluster up --base-dir` starts it. A restore that was \
            interrupted is run again.
            """)

    @Option(help: "The snapshot.")
    var from: String

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

    func validate() throws {
        guard (1...ClusterMembership.foundersMax).contains(nodes) else {
            throw ValidationError("A cluster has 1 to \(ClusterMembership.foundersMax) nodes.")
        }
        guard (1...Self.shardsMax).contains(shards ?? 1) else {
            throw ValidationError("A cluster has 1 to \(Self.shardsMax) shards.")
        }
    }

    private static let shardsMax = Int(Slot.count)

    func run() throws {
        try Restoration.requireRoom(at: base)
        let snapshot = try SnapshotFile(path: from)
        let verification = try Verification(snapshot)
        try verification.requireSound(from)
        let report = SnapshotReport(snapshot, verification)
        let plan = try RestorePlan(snapshot, verification.audit, shards: shards, endsSessions: endsSessions)
        try plan.requireSound()
        let told = ([report.text] + plan.repairs.lines.map { "repair          \($0)" }).joined(separator: "\n")
        guard !isDry else { return print("\(told)\nEverything holds; nothing was written.") }
        let record = try ClusterRecord(
            nodes: nodes, shards: plan.shards, httpBase: nil, payment: payment,
            administrator: administrator, rateLimits: .on)
        try Restoration(of: plan, as: record, at: base).perform()
        print("\(told)\nrestored as      cluster \(record.cluster) of \(nodes) nodes in \(base)")
    }
}
