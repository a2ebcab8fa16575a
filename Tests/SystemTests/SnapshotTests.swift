import Foundation
import Testing

extension SystemTests {
    @Suite("A snapshot", .timeLimit(patience)) struct SnapshotTests {
        /// Enough for every kind of aggregate; a debug build takes some seconds for it.
        private static let invoices = 30
        private static let counted = [
            "orders", "skus", "units_on_hand", "units_reserved", "charges", "value_minor",
        ]

        @Test("of a real history becomes clusters of one and of three nodes that sell on", arguments: [3])
        func restored(shards: Int) async throws {
            try await LocalCluster.with(shards: shards) { cluster in
                let urls = cluster.nodes.flatMap { ["--url", $0.url] }
                try await ChildProcess.run(
                    "cloudretail",
                    ["replay", try History.path(in: cluster.folder)] + urls + [
                        "--token-file", cluster.tokenFile, "--limit", "\(Self.invoices)", "--settle", "300", "--json",
                    ], in: cluster.folder)
                try await ClusterTests.atRest(cluster)
                let verified = try await cluster.verify(1)
                let snapshot = Snapshot(in: cluster.folder)
                try await snapshot.create(from: cluster.node(1).dataDirectory)
                let inspected = try await snapshot.inspect()
                for name in Self.counted { #expect(inspected[name] == verified[name], "\(name): \(inspected)") }
                #expect(inspected["shards"] == .integer(Int64(shards)))
                try await snapshot.run("snapshot", "verify", snapshot.file)

                for nodes in [1, 3] {
                    let base = cluster.folder.appending(path: "restored-\(nodes)").path
                    try await snapshot.run(
                        "restore", "--from", snapshot.file, "--base-dir", base, "--nodes", "\(nodes)", "--payment",
                        "in-process")
                    for node in 1...nodes {
                        let restored = try JSON(
                            try await snapshot.run("verify", "--data-dir", "\(base)/node-\(node)/data", "--json"))
                        // One record ends the keys of the old cluster.
                        #expect(restored["records"].integer == verified["records"].integer.map { $0 + 1 })
                        #expect(
                            Self.counts(restored) == Self.counts(verified), "node \(node) of \(nodes): \(restored)")
                    }
                    try await sellOn(base, in: cluster)
                    try await snapshot.run("restore", "--from", snapshot.file, "--base-dir", base, expecting: 1)
                }
            }
        }

        private static func counts(_ said: JSON) -> JSON {
            guard case .object(var fields) = said else { return said }
            fields["records"] = nil
            return .object(fields)
        }

        /// Starts the restored cluster, places an order as the old cluster's administrator, and stops it.
        private func sellOn(_ base: String, in old: LocalCluster) async throws {
            let said = try await ChildProcess.run(
                "cloudretail",
                ["cluster", "up", "--base-dir", base, "--rate-limits", "off", "--detach", "--json"], in: old.folder)
            do {
                let url = try #require(try JSON(said)["nodes"].elements.first?["http"].string)
                let answer = try await Answer.of(
                    .POST, "\(url)/api/v1/auth/login",
                    body: #"{"email":"\#(LocalShop.email)","password":"\#(LocalShop.password)"}"#)
                #expect(answer.status == 200, "\(answer)")
                let strange = try await Answer.of(.GET, "\(url)/api/v1/auth/me", token: await old.token)
                #expect(try strange.status == 401 && strange.json["code"] == .string("invalid_token"), "\(strange)")
                let placed = try await old.order(
                    key: "restored", at: url, token: try #require(try answer.json["access_token"].string))
                #expect(placed.status == 201, "\(placed)")
            } catch {
                try await ChildProcess.run("cloudretail", ["cluster", "down", "--base-dir", base], in: old.folder)
                throw error
            }
            try await ChildProcess.run("cloudretail", ["cluster", "down", "--base-dir", base], in: old.folder)
        }

        @Test("of a cluster that serves is one moment of it, and becomes a cluster")
        func served() async throws {
            try await LocalCluster.with(shards: 3) { cluster in
                let snapshot = Snapshot(in: cluster.folder)
                let urls = cluster.nodes.flatMap { ["--url", $0.url] }
                async let replay: Void = {
                    try await ChildProcess.run(
                        "cloudretail",
                        ["replay", try History.path(in: cluster.folder)] + urls + [
                            "--token-file", cluster.tokenFile, "--limit", "\(Self.invoices)", "--settle", "300",
                        ], in: cluster.folder)
                }()
                for node in cluster.nodes {
                    try await snapshot.create(from: node.url, cluster.tokenFile, "--force")
                    try await snapshot.run("snapshot", "verify", snapshot.file)
                    let base = cluster.folder.appending(path: "restored-\(node.id)").path
                    try await snapshot.run(
                        "restore", "--from", snapshot.file, "--base-dir", base, "--nodes", "1", "--payment",
                        "in-process")
                    try await snapshot.run("verify", "--data-dir", "\(base)/node-1/data")
                }
                try await replay
                try await snapshot.create(from: cluster.node(2).url, cluster.tokenFile, expecting: 1)
                try await snapshot.create(from: "http://127.0.0.1:1", cluster.tokenFile, "--force", expecting: 1)
                try await snapshot.run("snapshot", "verify", snapshot.file)
                try await snapshot.run(
                    "snapshot", "create", "--url", cluster.url, "--output", snapshot.file, expecting: 64)
                #expect(!FileManager.default.fileExists(atPath: snapshot.file + ".creating"))
            }
        }

        @Test("that is encrypted is read with its key alone, which its owner alone may read")
        func encrypted() async throws {
            try await LocalShop.with { shop in
                #expect(try await shop.order(key: "one").status == 201)
                try await shop.stopAtRest()
                let snapshot = Snapshot(in: shop.folder)
                try await snapshot.create(from: shop.dataDirectory)
                let key = shop.folder.appending(path: "snapshot.key").path
                let sealed = shop.folder.appending(path: "sealed.snapshot").path
                let create = ["snapshot", "create", "--data-dir", shop.dataDirectory, "--output", sealed]
                func refused(_ words: String, _ arguments: [String]) async throws {
                    let child = try ChildProcess("cloudretail", arguments, in: shop.folder)
                    #expect(try await child.exit() == 1)
                    let complaint = try child.complained
                    #expect(complaint.contains(words) && complaint.count { $0 == "\n" } == 1, "\(complaint)")
                }
                let (mine, short) = (Data((0..<32).map { UInt8($0) }), Data(count: 31))
                FileManager.default.createFile(atPath: key, contents: mine, attributes: [.posixPermissions: 0o640])
                try await refused("make it 600", create + ["--key-file", key])
                try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: key)
                try await ChildProcess.run("cloudretail", create + ["--key-file", key], in: shop.folder)
                let other = shop.folder.appending(path: "other.key").path
                FileManager.default.createFile(atPath: other, contents: short, attributes: [.posixPermissions: 0o600])
                try await refused("has 31 bytes", ["snapshot", "verify", sealed, "--key-file", other])
                try (short + [0]).write(to: URL(fileURLWithPath: other))
                try await refused("another key", ["snapshot", "verify", sealed, "--key-file", other])
                try await refused("is encrypted", ["snapshot", "inspect", sealed])
                try await refused("not encrypted", ["snapshot", "verify", snapshot.file, "--key-file", key])
                try await refused("no snapshot but a folder", ["snapshot", "inspect", shop.folder.path])
                let base = shop.folder.appending(path: "restored").path
                try await refused("is encrypted", ["restore", "--from", sealed, "--base-dir", base])
                let inspected = try JSON(
                    try await snapshot.run("snapshot", "inspect", sealed, "--json", "--key-file", key))
                let plain = try await snapshot.inspect()
                for name in Self.counted { #expect(inspected[name] == plain[name], "\(name): \(inspected)") }
                #expect(inspected["encrypted"] == .boolean(true) && plain["encrypted"] == .boolean(false))
                try await snapshot.run("snapshot", "verify", sealed, "--key-file", key)
                try await snapshot.run("diff", sealed, sealed, "--key-file", key)
                try await snapshot.run(
                    "restore", "--from", sealed, "--base-dir", base, "--nodes", "1", "--payment", "in-process",
                    "--key-file", key)
                try await snapshot.run("verify", "--data-dir", "\(base)/node-1/data")
            }
        }

        @Test("that is damaged is refused with the place, and leaves nothing")
        func damaged() async throws {
            try await LocalShop.with { shop in
                #expect(try await shop.order(key: "one").status == 201)
                try await shop.stopAtRest()
                let snapshot = Snapshot(in: shop.folder)
                try await snapshot.create(from: shop.dataDirectory)
                try await snapshot.run(
                    "snapshot", "create", "--data-dir", shop.dataDirectory, "--output", snapshot.file, expecting: 1)
                try await snapshot.run("snapshot", "create", "--output", snapshot.file, expecting: 64)
                let whole = try Data(contentsOf: URL(fileURLWithPath: snapshot.file))
                let base = shop.folder.appending(path: "restored").path
                for _ in 0..<20 {
                    var bytes = whole
                    bytes[bytes.startIndex + Int.random(in: 0..<whole.count)] ^= 1 << UInt8.random(in: 0..<8)
                    try bytes.write(to: URL(fileURLWithPath: snapshot.file))
                    try await snapshot.run("snapshot", "verify", snapshot.file, expecting: 1)
                    try await snapshot.run("restore", "--from", snapshot.file, "--base-dir", base, expecting: 1)
                    #expect(!FileManager.default.fileExists(atPath: base))
                    #expect(!FileManager.default.fileExists(atPath: base + ".restoring"))
                }
            }
        }
    }

    /// One file, and the commands about it.
    private struct Snapshot {
        let folder: URL
        var file: String { folder.appending(path: "shop.snapshot").path }

        init(in folder: URL) { self.folder = folder }

        @discardableResult
        func run(_ arguments: String..., expecting status: Int32 = 0) async throws -> String {
            try await ChildProcess.run("cloudretail", arguments, in: folder, expecting: status)
        }

        func create(from dataDirectory: String) async throws {
            let said = try await run("snapshot", "create", "--data-dir", dataDirectory, "--output", file)
            let told = try #require(said.firstMatch(of: /(\S+): [0-9.]+ [kM]B, up to record ([0-9,]+), \S+Z/))
            #expect(String(told.1) == file)
            #expect(try await inspect()["position"].string == String(told.2))
        }

        func create(
            from url: String, _ tokenFile: String, _ flags: String..., expecting status: Int32 = 0
        ) async throws {
            try await ChildProcess.run(
                "cloudretail",
                ["snapshot", "create", "--url", url, "--token-file", tokenFile, "--output", file] + flags, in: folder,
                expecting: status)
        }

        func inspect() async throws -> JSON { try JSON(try await run("snapshot", "inspect", file, "--json")) }
    }
}
