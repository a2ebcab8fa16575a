import Foundation
import NIOHTTP1
import Testing

/// A node and a payment simulator on loopback, with a data directory of their own.
actor LocalShop: RunningShop {
    static let email = "admin@example.com"
    static let password = "only-for-this-test"
    /// Below what Linux and macOS hand out to clients, above the well-known ones.
    static let quietPorts = 20_000...29_000

    nonisolated let folder: URL
    private let shards: Int
    /// More flags of `serve`.
    private let options: [String]
    /// `host:port` of either; port 0 until it is known.
    private var nodeAddress: String
    private var simulatorAddress: String
    private(set) var node: ChildProcess?
    private(set) var simulator: ChildProcess?
    private(set) var token = ""

    nonisolated var dataDirectory: String { folder.appending(path: "node").path }
    nonisolated var tokenFile: String { folder.appending(path: "token.json").path }
    nonisolated var paymentKeyFile: String { folder.appending(path: "payment-key").path }
    /// The simulator's own.
    private nonisolated var providerKeyFile: String { folder.appending(path: "provider-key").path }
    var url: String { "http://\(nodeAddress)" }
    var paymentURL: String { "http://\(simulatorAddress)" }

    /// Opens a shop with an administrator and products, and closes it after `body`, whatever happens.
    ///
    /// - Parameter port: where the node listens and, on the next one, the simulator; 0 takes free ones. Whoever is
    ///   killed under load needs a port below those that the system gives to clients: one of them may otherwise connect
    ///   to itself there.
    static func with(
        shards: Int = 1, port: Int = 0, catalogue: String = demoCatalogue, serving options: [String] = [],
        _ body: (LocalShop) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "shop-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let shop = LocalShop(folder: folder, shards: shards, port: port, options: options)
        do {
            try await shop.open(catalogue)
            try await body(shop)
        } catch {
            await shop.killAll()
            throw error
        }
        await shop.killAll()
        try FileManager.default.removeItem(at: folder)
    }

    /// Opens shops of several numbers of shards beside each other, for what mostly waits.
    static func withEach(
        of shards: [Int], serving options: [String] = [], _ body: @escaping @Sendable (LocalShop) async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for count in shards { group.addTask { try await with(shards: count, serving: options, body) } }
            try await group.waitForAll()
        }
    }

    private init(folder: URL, shards: Int, port: Int, options: [String]) {
        self.folder = folder
        self.options = options
        self.shards = shards
        nodeAddress = "127.0.0.1:\(port)"
        simulatorAddress = "127.0.0.1:\(port == 0 ? 0 : port + 1)"
    }

    /// Two products with ample stock.
    static let demoCatalogue = """
        sku,title,price,currency,quantity
        TEA,Tea,4.50,EUR,100000
        CUP,Cup,9.99,EUR,100000

        """

    /// What is in it.
    static let demoSKUs = ["TEA", "CUP"]

    /// A history brings its own.
    static let emptyCatalogue = "sku,title,price,currency,quantity\n"

    private func open(_ catalogue: String) async throws {
        let passwordFile = folder.appending(path: "password")
        try Data(Self.password.utf8).write(to: passwordFile)
        for file in [paymentKeyFile, providerKeyFile] { try secret("the-key-of-this-test\n", in: file) }
        try await ChildProcess.run(
            "cloudretail",
            [
                "admin", "create", "--data-dir", dataDirectory, "--email", Self.email, "--password-file",
                passwordFile.path,
                "--shards", "\(shards)",
            ],
            in: folder)
        try await startSimulator()
        try await startNode()
        try await logIn()
        let file = folder.appending(path: "catalogue.csv")
        try Data(catalogue.utf8).write(to: file)
        try await ChildProcess.run(
            "cloudretail", ["import", "catalogue", file.path, "--url", url, "--token-file", tokenFile], in: folder)
    }

    /// Writes a file that its owner alone may read.
    nonisolated func secret(_ text: String, in path: String) throws {
        try #require(
            FileManager.default.createFile(
                atPath: path, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600]))
    }

    // MARK: - Processes

    func startNode() async throws {
        let node = try ChildProcess(
            "cloudretail",
            [
                "serve", "--data-dir", dataDirectory, "--http", nodeAddress, "--payment-url", paymentURL,
                "--payment-key-file", paymentKeyFile, "--rate-limits", "off",
            ]
                + options,
            in: folder)
        self.node = node
        nodeAddress = String(try await node.line(after: "listening on ").trimmingPrefix("http://"))
    }

    func startSimulator() async throws {
        let ledger = folder.appending(path: "payments.ledger").path
        let simulator = try ChildProcess(
            "payment-simulator",
            ["--http", simulatorAddress, "--ledger", ledger, "--key-file", providerKeyFile], in: folder)
        self.simulator = simulator
        simulatorAddress = try await simulator.line(after: "listening on ")
    }

    func killNode() async throws {
        node?.kill()
        _ = try await node?.exit()
    }

    func killSimulator() async throws {
        simulator?.kill()
        _ = try await simulator?.exit()
    }

    /// Asks the node to stop; what it ended with.
    func stopNode() async throws -> Int32? {
        node?.terminate()
        return try await node?.exit()
    }

    private func killAll() {
        node?.kill()
        simulator?.kill()
    }

    // MARK: - Requests

    func logIn() async throws {
        token = try await logIn(email: Self.email, password: Self.password, tokenFile: tokenFile)
    }

    /// There is one node.
    func askAnother() {}

    /// Lets everything settle and stops the node, which has to end well.
    func stopAtRest() async throws {
        try await settle()
        #expect(try await stopNode() == 0)
    }

    /// Verifies the stopped node's log.
    func verify() async throws -> JSON {
        try JSON(
            try await ChildProcess.run("cloudretail", ["verify", "--data-dir", dataDirectory, "--json"], in: folder))
    }
}
