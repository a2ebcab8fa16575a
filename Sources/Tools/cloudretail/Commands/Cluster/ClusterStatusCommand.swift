import ArgumentParser
import Foundation
import Workload

/// `cloudretail cluster status`
struct ClusterStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show the nodes of a cluster, and who leads which shard.",
        discussion: """
            How far a node is, it tells itself, or what the others have last heard of it. A node of another cluster \
            that answers on a node's port is told of, and believed in nothing. Exits with 1 when no node answers.
            """)

    @Option(name: .customLong("base-dir"), help: "The folder of a cluster on this machine.")
    var baseDirectory = ".cloudretail"

    @Option(help: "A node of any cluster, instead of a folder: its gateway, or where it serves its metrics.")
    var url: String?

    @Option(help: ArgumentHelp("For a gateway: a file with an administrator's token.", valueName: "file"))
    var tokenFile: String?

    @OptionGroup var trust: TrustOptions

    @Flag(help: "Print one line of JSON.")
    var json = false

    @Flag(help: "Draw it again each second, until Ctrl-C.")
    var watch = false

    private static let watchPause = Duration.seconds(1)
    private static let clearScreen = "\u{1b}[H\u{1b}[2J"

    func run() async throws {
        var token: String?
        if let tokenFile { token = try await TokenFile(path: tokenFile).accessToken }
        let trusted = try trust.certificates()
        let source =
            url.map { StatusSource.url($0, token: token, trusting: trusted) } ?? .folder(ClusterFolder(baseDirectory))
        repeat {
            let status = try await source.ask()
            let said = json ? try Self.line(status) : status.text
            print(watch && !json ? Self.clearScreen + said : said)
            if !watch, !status.isAnswered { throw ExitCode.failure }
            if watch { try await Task.sleep(for: Self.watchPause) }
        } while watch
    }

    private static func line(_ status: ClusterStatus) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(status), as: UTF8.self)
    }
}

extension ClusterStatus {
    /// Whether any node has said how things stand.
    fileprivate var isAnswered: Bool { !shards.isEmpty }

    /// For people: one line a node, one a shard and one a replica.
    fileprivate var text: String {
        var lines = [Self.row(["node", "http", "process", "ready", "version"])]
        for node in nodes {
            lines.append(
                Self.row([
                    "\(node.id)", node.http, node.process ?? "-", node.ready ? "yes" : "no", node.version,
                ]))
        }
        let reasons = nodes.compactMap { node in node.reason.map { "node \(node.id) is not ready: \($0)" } }
        let full = nodes.filter { $0.diskFull ?? false }.map { "node \($0.id) has a full disk" }
        if !reasons.isEmpty || !full.isEmpty { lines += [""] + reasons + full }
        if let clusterVersion { lines += ["", "cluster version \(clusterVersion)"] }
        for shard in shards {
            let leader = shard.leader.map { "led by node \($0)" } ?? "without a leader"
            let silence = shard.isLeaderSilent ? ", which does not answer" : ""
            lines += ["", "shard \(shard.id), \(leader)\(silence), term \(shard.term)"]
            lines.append(Self.row(["  node", "role", "committed", "applied", "behind"]))
            let furthest = shard.nodes.map(\.committed).max() ?? 0
            for replica in shard.nodes {
                lines.append(
                    Self.row([
                        "  \(replica.id)", replica.role, "\(replica.committed)", "\(replica.applied)",
                        "\(furthest - min(furthest, replica.applied))",
                    ]))
            }
        }
        return lines.joined(separator: "\n")
    }

    private static func row(_ cells: [String]) -> String {
        let widths = [8, 26, 11, 9, 0]
        let padded = zip(cells, widths).map { $0.padding(toLength: max($1, $0.count + 1), withPad: " ", startingAt: 0) }
        return padded.joined().replacing(/[ ]+$/, with: "")
    }
}
