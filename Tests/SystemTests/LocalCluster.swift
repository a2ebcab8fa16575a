import Foundation
import Testing

/// A cluster of real processes on loopback, in a folder of its own, started and maltreated by `cloudretail cluster`.
actor LocalCluster: RunningShop {
    struct Node: Sendable {
        let id: Int
        let url: String
        let dataDirectory: String
        let log: String
    }

    nonisolated let folder: URL
    let nodes: [Node]
    let paymentURL: String
    private(set) var token = ""
    /// Which node is asked where none is named: the place among `nodes`.
    private var asked = 0

    var url: String { nodes[asked].url }
    nonisolated var base: String { folder.appending(path: "cluster").path }
    nonisolated var tokenFile: String { folder.appending(path: "token.json").path }

    /// Opens a cluster with an administrator and products, and ends it after `body`, whatever happens. What failed is
    /// left for people to look at.
    static func with(
        nodes: Int = 3, shards: Int = 1, catalogue: String = LocalShop.demoCatalogue,
        _ body: (LocalCluster) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "cluster-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let password = folder.appending(path: "password")
        try Data(LocalShop.password.utf8).write(to: password)
        let base = folder.appending(path: "cluster").path
        do {
            let said = try await ChildProcess.run(
                "cloudretail",
                [
                    "cluster", "up", "--nodes", "\(nodes)", "--base-dir", base, "--shards", "\(shards)",
                    "--admin-email", LocalShop.email, "--admin-password-file", password.path, "--rate-limits", "off",
                    "--detach", "--json",
                ], in: folder)
            let cluster = try LocalCluster(folder: folder, report: JSON(said))
            try await cluster.open(catalogue)
            try await body(cluster)
        } catch {
            try await ChildProcess.run("cloudretail", ["cluster", "down", "--base-dir", base], in: folder)
            throw error
        }
        try await ChildProcess.run("cloudretail", ["cluster", "down", "--base-dir", base], in: folder)
        try FileManager.default.removeItem(at: folder)
    }

    private init(folder: URL, report: JSON) throws {
        self.folder = folder
        nodes = try report["nodes"].elements.map { node in
            Node(
                id: Int(try #require(node["id"].integer)), url: try #require(node["http"].string),
                dataDirectory: try #require(node["data_dir"].string), log: try #require(node["log"].string))
        }
        paymentURL = try #require(report["payments"].string)
    }

    private func open(_ catalogue: String) async throws {
        try await logIn()
        try await importCatalogue(catalogue)
    }

    func importCatalogue(_ catalogue: String) async throws {
        let file = folder.appending(path: "catalogue-\(UUID().uuidString.prefix(8)).csv")
        try Data(catalogue.utf8).write(to: file)
        try await ChildProcess.run(
            "cloudretail", ["import", "catalogue", file.path, "--url", url, "--token-file", tokenFile], in: folder)
    }

    func logIn() async throws {
        token = try await logIn(email: LocalShop.email, password: LocalShop.password, tokenFile: tokenFile)
    }

    /// Asks this node from now on where none is named.
    func ask(_ id: Int) { asked = nodes.firstIndex { $0.id == id } ?? asked }

    func askAnother() { asked = (asked + 1) % nodes.count }

    nonisolated func node(_ id: Int) -> Node { nodes.first { $0.id == id }! }

    /// The node that leads the first shard; nil when no node knows of one.
    nonisolated func leader() async throws -> Int? {
        let status = try JSON(try await cluster("status", "--json"))
        return status["shards"].elements.first?["leader"].integer.map(Int.init)
    }

    /// The process of a node, as the record of the cluster has it.
    nonisolated func pid(of node: Int) throws -> Int32 {
        let record = try JSON(String(contentsOfFile: base + "/cluster.json", encoding: .utf8))
        let entry = record["nodes"].elements.first { $0["id"] == .integer(Int64(node)) }
        return Int32(try #require(entry?["process"]["pid"].integer))
    }

    // MARK: - Commands

    /// `cloudretail cluster VERB …` on this cluster; what it says.
    @discardableResult
    nonisolated func cluster(_ arguments: String..., expecting status: Int32 = 0) async throws -> String {
        try await ChildProcess.run(
            "cloudretail", ["cluster"] + arguments + ["--base-dir", base], in: folder, expecting: status)
    }

    /// `kill`, `stop`, `pause`, `resume` or `restart`.
    nonisolated func command(_ verb: String, _ node: Int) async throws { try await cluster(verb, "\(node)") }

    /// Verifies the log of a node that is not running.
    nonisolated func verify(_ node: Int) async throws -> JSON {
        try JSON(
            try await ChildProcess.run(
                "cloudretail", ["verify", "--data-dir", self.node(node).dataDirectory, "--json"], in: folder))
    }
}
