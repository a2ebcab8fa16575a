import Foundation
import NodeCertificates

/// The folder of a cluster on this machine: what its nodes keep, and how they are found again.
struct ClusterFolder: Sendable {
    let path: String

    init(_ path: String) { self.path = URL(fileURLWithPath: path).path }

    var record: String { path + "/cluster.json" }
    /// Held by the command at work.
    var lock: String { path + "/lock" }
    var secret: String { path + "/secret" }
    var paymentKey: String { path + "/payment-key" }
    var paymentLedger: String { path + "/payments.ledger" }
    var paymentLog: String { path + "/payment-simulator.log" }
    var administratorPassword: String { path + "/admin-password" }
    /// The same folder, so that `cloudretail certificates` takes it as `cluster` does.
    var certificates: String { path }

    func node(_ id: UInt64) -> String { "\(path)/node-\(id)" }
    func data(_ id: UInt64) -> String { node(id) + "/data" }
    func log(_ id: UInt64) -> String { node(id) + "/log" }
    func configuration(_ id: UInt64) -> String { node(id) + "/configuration.json" }

    struct NoCluster: Error, CustomStringConvertible {
        let path: String
        var description: String { "\(path) holds no cluster: there is no cluster.json." }
    }

    struct BeingRestored: Error, CustomStringConvertible {
        let path: String
        var description: String {
            "\(path).restoring is there: a restore of this cluster has begun. Let it end, run it again, or delete that."
        }
    }

    /// Where a restore makes a cluster that is to be here.
    var restoring: ClusterFolder { ClusterFolder(path + ".restoring") }

    /// - Throws: where a restore has begun and is not done, so that no empty shop takes the place of the one restored.
    func requireUnrestored() throws {
        let manager = FileManager.default
        guard manager.fileExists(atPath: record) || !manager.fileExists(atPath: restoring.path) else {
            throw BeingRestored(path: path)
        }
    }

    func load() throws -> ClusterRecord {
        guard let record = try loadIfPresent() else { throw NoCluster(path: path) }
        return record
    }

    func loadIfPresent() throws -> ClusterRecord? {
        guard FileManager.default.fileExists(atPath: record) else { return nil }
        return try JSONDecoder().decode(ClusterRecord.self, from: Data(contentsOf: URL(fileURLWithPath: record)))
    }

    func save(_ cluster: ClusterRecord) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try encoder.encode(cluster).write(to: URL(fileURLWithPath: record), options: .atomic)
    }

    // MARK: - One command at a time

    struct Busy: Error, CustomStringConvertible {
        let path: String
        /// Its process and what it was started with, as it has written it into the lock; empty before it has.
        let holder: String

        var description: String {
            "Another command is at work on \(path)" + (holder.isEmpty ? "." : ": process \(holder).")
        }
    }

    /// Such as `4711, cluster add-node`.
    private static let holder = "\(getpid()), \(CommandLine.arguments.dropFirst().prefix(2).joined(separator: " "))"

    /// Runs `body` while no other command starts nodes of this cluster.
    func alone<Result>(_ body: () async throws -> Result) async throws -> Result {
        let descriptor = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw NoCluster(path: path) }
        defer { close(descriptor) }
        var locked = stat()
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, fstat(descriptor, &locked) == 0,
            // The command that had it before may have taken the folder away.
            locked.st_nlink > 0
        else { throw Busy(path: path, holder: (try? String(contentsOfFile: lock, encoding: .utf8)) ?? "") }
        ftruncate(descriptor, 0)
        _ = Self.holder.withCString { write(descriptor, $0, strlen($0)) }
        return try await body()
    }

    // MARK: - Files

    /// Makes a folder that its owner alone may look into; one that exists stays as it is.
    func create(_ folder: String) throws {
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    /// All that is made for a new cluster, in the folder that there is.
    func files(of cluster: ClusterRecord) -> [String] {
        let numbers = cluster.nodes.map(\.id)
        return numbers.flatMap { [data($0), log($0), configuration($0), node($0)] }
            + NodeCertificates.files(ofNodes: numbers, in: certificates)
            + [record, secret, paymentKey, paymentLedger, paymentLog, administratorPassword]
    }

    /// Those of `paths` where there is nothing.
    static func absent(_ paths: [String]) -> [String] {
        paths.filter { !FileManager.default.fileExists(atPath: $0) }
    }

    /// Takes away what was made here. The folder itself, where `made` names it, stays if others have put something in.
    func remove(_ made: [String]) {
        for file in made where file != path { try? FileManager.default.removeItem(atPath: file) }
        if made.contains(path) { rmdir(path) }
    }

    /// The last lines of a file, to be shown with a failure.
    static func tail(of file: String, lines: Int = 5) -> String {
        let text = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").suffix(lines).joined(separator: "\n")
    }
}
