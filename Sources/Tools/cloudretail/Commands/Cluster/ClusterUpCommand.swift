import ArgumentParser
import Commerce
import Foundation
import UnixSignals

/// `cloudretail cluster up`
struct ClusterUpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up", abstract: "Start a cluster on this machine, or what is down of one.",
        discussion: """
            Everything of the cluster lies in the base directory: certificates, configurations, the payment \
            simulator's ledger, and a directory with data and log for each node. A cluster that is there already is \
            started again on the ports it had. Returns, or says so, once every node is ready. When one does not start, \
            the command fails: a majority that is ready is kept, and it says how the others are brought back; \
            otherwise what was started is ended, and of a new cluster nothing is left.
            """)

    @OptionGroup var base: BaseDirectoryOption

    @Option(help: "Nodes of a new cluster. [default: 3]")
    var nodes: Int?

    @Option(help: "Shards of a new cluster. [default: 1]")
    var shards: Int?

    @Option(
        help: ArgumentHelp(
            "The HTTP port of the first node, the others have the ones after it; a node that runs keeps its own.",
            valueName: "port"))
    var httpBase: Int?

    @Option(help: "Who takes the payments of a new cluster. [default: simulator]")
    var payment: Payment?

    @Option(help: "The log-in name of a new cluster's first administrator. [default: admin@example.com]")
    var adminEmail: String?

    @Option(
        help: ArgumentHelp("A file with that administrator's password; one is made up otherwise.", valueName: "file"))
    var adminPasswordFile: String?

    @Option(help: "on or off, from the next start of each node.")
    var rateLimits: RateLimits?

    @Option(
        help: ArgumentHelp(
            "Serve the shop and the console out of this folder, which tools/storefront build makes.",
            valueName: "folder"))
    var storefront: String?

    @Flag(help: "Return once every node is ready; otherwise the nodes run until this command is ended.")
    var detach = false

    @Flag(help: "Print one line of JSON.")
    var json = false

    enum Payment: String, ExpressibleByArgument, CaseIterable {
        case inProcess = "in-process"
        case simulator
    }

    enum RateLimits: String, ExpressibleByArgument, CaseIterable { case on, off }

    func validate() throws {
        guard (1...ClusterMembership.foundersMax).contains(nodes ?? 1) else {
            throw ValidationError("A cluster has 1 to \(ClusterMembership.foundersMax) nodes.")
        }
        try NodeConfiguration.requireShards(shards ?? 1)
        guard (1...65_500).contains(httpBase ?? 1) else {
            throw ValidationError("\(httpBase ?? 0) is not a port that others can follow.")
        }
        if let adminEmail, EmailAddress(adminEmail) == nil {
            throw ValidationError("\(adminEmail) is not an e-mail address.")
        }
        if let storefront, !storefront.isEmpty, !FileManager.default.fileExists(atPath: storefront) {
            throw ValidationError("There is no folder \(storefront): tools/storefront build makes one.")
        }
    }

    func run() async throws {
        if detach { return try await start() }
        // Listens before anything runs, so that Ctrl-C leaves nothing behind.
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        do {
            try await withThrowingTaskGroup(of: Bool.self) { group in
                group.addTask {
                    try await start()
                    return false
                }
                group.addTask {
                    for await _ in signals { return true }
                    return true
                }
                while let isOver = try await group.next(), !isOver {}
                group.cancelAll()
            }
        } catch is CancellationError {}
        // One that was ended while it was made is gone already.
        guard let record = try base.folder.loadIfPresent() else { return }
        try await ClusterProcesses(base.folder, record: record).endAll()
    }

    private func start() async throws {
        let record = try await startAll()
        let said = json ? try ClusterReport(record, in: base.folder).json() : text(record)
        // At once, also where the output is a file or a pipe.
        FileHandle.standardOutput.write(Data("\(said)\n".utf8))
    }

    private func text(_ record: ClusterRecord) -> String {
        let file = base.folder.administratorPassword
        let password =
            record.isRestored == true
            ? "that of the snapshot's shop, where it has this account: for `cluster add-node`, put it in \(file)"
            : "in \(file)"
        let nodes = record.nodes.map { "  node \($0.id)         \($0.url)" }
        let rest = [
            "  payments       \(record.simulator.map { "\($0.url)/v1/ledger" } ?? "decided in the nodes")",
            "  administrator  \(record.administrator)", "  password       \(password)",
            "  logs           \(base.folder.path)/node-*/log",
        ]
        // A majority of two is both.
        let warnings =
            nodes.count == 2 ? ["Two nodes outlive the loss of none: both are a majority. Three outlive one."] : []
        return (["The cluster is ready."] + nodes + rest + warnings).joined(separator: "\n")
    }
}
