import Foundation
import Synchronization
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
    private nonisolated let members: Mutex<[Node]>
    nonisolated var nodes: [Node] { members.withLock { $0 } }
    /// Empty where the nodes themselves decide payments.
    let paymentURL: String
    /// Between the nodes, where it is one that can be maltreated.
    let network: NodeNetwork?
    /// Of the nodes, where they can be maltreated.
    let machines: NodeMachines?
    private let settings: [String: String]
    private(set) var token = ""
    /// Which node is asked where none is named: the place among `nodes`.
    private var asked = 0

    var url: String { nodes[asked].url }
    nonisolated var base: String { folder.appending(path: "cluster").path }
    nonisolated var tokenFile: String { folder.appending(path: "token.json").path }

    /// Opens a cluster with an administrator and products, and ends it after `body`, whatever happens. What failed is
    /// left for people to look at.
    ///
    /// - Parameters:
    ///   - hasNetwork: whether the nodes reach each other through a network that can be maltreated.
    ///   - hasMachines: whether the nodes' clocks can be set and their disks spoilt.
    ///   - program: what the nodes run.
    ///   - settings: of every node, as its environment has them.
    static func with(
        nodes: Int = 3, shards: Int = 1, catalogue: String = LocalShop.demoCatalogue, payment: String = "simulator",
        hasNetwork: Bool = false, hasMachines: Bool = false, program: Program = .ours, settings: [String: String] = [:],
        _ body: (LocalCluster) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "cluster-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let password = folder.appending(path: "password")
        try Data(LocalShop.password.utf8).write(to: password)
        let base = folder.appending(path: "cluster").path
        do {
            let said = try await ChildProcess.run(
                program.path,
                [
                    "cluster", "up", "--nodes", "\(nodes)", "--base-dir", base, "--shards", "\(shards)",
                    "--admin-email", LocalShop.email, "--admin-password-file", password.path, "--rate-limits", "off",
                    "--payment", payment, "--detach", "--json",
                ], in: folder, environment: settings.merging(program.settings) { own, _ in own })
            let network = hasNetwork ? try await NodeNetwork.between(ports(of: base)) : nil
            let machines = hasMachines ? NodeMachines(folder: folder) : nil
            let cluster = try LocalCluster(
                folder: folder, report: JSON(said), network: network, machines: machines, settings: settings)
            // From here on the nodes know each other by the relays of the network, and run on machines of their own.
            if hasNetwork || machines != nil { for node in cluster.nodes { try await cluster.start([node.id]) } }
            try await cluster.open(catalogue)
            try await body(cluster)
            try await network?.close()
        } catch {
            try await ChildProcess.run("cloudretail", ["cluster", "down", "--base-dir", base], in: folder)
            throw error
        }
        try await ChildProcess.run("cloudretail", ["cluster", "down", "--base-dir", base], in: folder)
        try FileManager.default.removeItem(at: folder)
    }

    private init(
        folder: URL, report: JSON, network: NodeNetwork?, machines: NodeMachines?, settings: [String: String]
    ) throws {
        self.machines = machines
        self.folder = folder
        self.settings = settings
        self.network = network
        let nodes = try report["nodes"].elements.map { node in
            Node(
                id: Int(try #require(node["id"].integer)), url: try #require(node["http"].string),
                dataDirectory: try #require(node["data_dir"].string), log: try #require(node["log"].string))
        }
        members = Mutex(nodes)
        paymentURL = report["payments"].string ?? ""
    }

    /// Where each node listens for the others, as the record of the cluster has it.
    private static func ports(of base: String) throws -> [Int: Int] {
        let record = try JSON(String(contentsOfFile: base + "/cluster.json", encoding: .utf8))
        return Dictionary(
            uniqueKeysWithValues: try record["nodes"].elements.map { node in
                (Int(try #require(node["id"].integer)), Int(try #require(node["peers"].integer)))
            })
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

    func logIn(at node: Int) async throws {
        ask(node)
        try await logIn()
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

    /// The same, once there is one.
    nonisolated func knownLeader() async throws -> Int {
        while true {
            if let leader = try await leader() { return leader }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    nonisolated func isRunning(_ node: Int) async throws -> Bool {
        let status = try JSON(try await cluster("status", "--json"))
        let entry = status["nodes"].elements.first { $0["id"] == .integer(Int64(node)) }
        return entry?["process"] == .string("running")
    }

    /// The process of a node, as the record of the cluster has it.
    nonisolated func pid(of node: Int) throws -> Int32 { try #require(try knownPid(of: node)) }

    /// The same; nil before the node has been started.
    nonisolated func knownPid(of node: Int) throws -> Int32? {
        let record = try JSON(String(contentsOfFile: base + "/cluster.json", encoding: .utf8))
        let entry = record["nodes"].elements.first { $0["id"] == .integer(Int64(node)) }
        return entry?["process"]["pid"].integer.map(Int32.init)
    }

    // MARK: - Commands

    /// `cloudretail cluster VERB …` on this cluster; what it says.
    @discardableResult
    nonisolated func cluster(_ arguments: String..., expecting status: Int32 = 0) async throws -> String {
        try await ChildProcess.run(
            "cloudretail", ["cluster"] + arguments + ["--base-dir", base], in: folder,
            environment: settings, expecting: status)
    }

    /// `kill`, `stop`, `pause`, `resume` or `restart`, with flags.
    @discardableResult
    nonisolated func command(
        _ verb: String, _ node: Int, _ flags: String..., with program: Program = .ours, expecting status: Int32 = 0
    ) async throws -> String {
        var environment = settings.merging(program.settings) { own, _ in own }
        if let network { environment["CLOUDRETAIL_CLUSTER_MEMBERS"] = try await network.members(of: node) }
        if let machines { environment.merge(try machines.settings(of: node)) { $1 } }
        let said = try await ChildProcess.run(
            program.path, ["cluster", verb, "\(node)", "--base-dir", base] + flags, in: folder,
            environment: environment, expecting: status)
        // A command that was not understood has done nothing.
        if status == 0 { try #require(said.hasPrefix("Node \(node) "), "cluster \(verb) \(node): \(said)") }
        return said
    }

    /// Puts an empty node in the place of one that is down, and returns its number once it has caught up.
    @discardableResult
    nonisolated func replace(_ node: Int) async throws -> Int {
        let report = try JSON(try await cluster("replace-node", "\(node)", "--json"))
        let id = Int(try #require(report["node"].integer))
        let new = Node(
            id: id, url: try #require(report["http"].string), dataDirectory: "\(base)/node-\(id)/data",
            log: try #require(report["log"].string))
        try members.withLock { members in members[try #require(members.firstIndex { $0.id == node })] = new }
        // From here on it runs on a machine of its own.
        if machines != nil { try await start([id]) }
        return id
    }

    /// Replaces the certificates of all nodes, which take them up while they run.
    nonisolated func renewCertificates() async throws {
        let numbers = nodes.map { "\($0.id)" }.joined(separator: ",")
        try await ChildProcess.run(
            "cloudretail", ["certificates", "renew", "--base-dir", base, "--nodes", numbers], in: folder)
    }

    /// Starts nodes that are down, and returns once all are ready: alone, the first of several is not.
    nonisolated func start(_ nodes: [Int]) async throws {
        for node in nodes.dropLast() { try await command("restart", node, "--no-wait") }
        if let last = nodes.last { try await command("restart", last) }
        for node in nodes.dropLast() { try await ready(node) }
    }

    private nonisolated func ready(_ node: Int) async throws {
        while (try? await Answer.of(.GET, "\(self.node(node).url)/readyz").status) != 200 {
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    /// Verifies the log of a node that is not running.
    nonisolated func verify(_ node: Int) async throws -> JSON {
        try JSON(
            try await ChildProcess.run(
                "cloudretail", ["verify", "--data-dir", self.node(node).dataDirectory, "--json"], in: folder))
    }
}
