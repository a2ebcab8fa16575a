import CloudTesting
import Foundation
import Testing

extension SystemTests {
    @Suite("A bucket", .timeLimit(patience)) struct BucketTests {
        private static let snapshot = "s3://shop/copies/of today.snapshot"

        @Test("keeps a snapshot, of which a cluster is made")
        func snapshot() async throws {
            try await LocalShop.with { shop in
                let cloud = try await CloudServer(in: shop.folder)
                let environment = await cloud.environment
                @discardableResult
                func run(_ arguments: String..., expecting status: Int32 = 0) async throws -> String {
                    try await ChildProcess.run(
                        "cloudretail", arguments, in: shop.folder, environment: environment, expecting: status)
                }
                #expect(try await shop.order(key: "one").status == 201)
                try await shop.stopAtRest()
                try await cloud.set([.unavailable: 0.2, .lost: 0.1])
                let directory = shop.dataDirectory
                try await run("snapshot", "create", "--data-dir", directory, "--output", Self.snapshot)
                try await run("snapshot", "create", "--data-dir", directory, "--output", Self.snapshot, expecting: 1)
                try await run("snapshot", "create", "--data-dir", directory, "--output", Self.snapshot, "--force")
                let local = shop.folder.appending(path: "local.snapshot").path
                try await run("snapshot", "create", "--data-dir", directory, "--output", local)
                let difference = try JSON(try await run("diff", Self.snapshot, local, "--json"))
                #expect(difference["orders"] == .integer(0) && difference["products"] == .integer(0), "\(difference)")
                let key = shop.folder.appending(path: "key").path
                try Data(count: 32).write(to: URL(fileURLWithPath: key))
                try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: key)
                let refused = try ChildProcess(
                    "cloudretail", ["diff", Self.snapshot, local, "--key-file", key], in: shop.folder,
                    environment: environment)
                #expect(try await refused.exit() == 1)
                #expect(try refused.complained.contains("\(Self.snapshot) is not encrypted"))
                let base = shop.folder.appending(path: "restored").path
                try await run("restore", "--from", "s3://shop/copies/none", "--base-dir", base, expecting: 1)
                try await run("restore", "--from", "s3://shop", "--base-dir", base, expecting: 64)
                try await run(
                    "restore", "--from", Self.snapshot, "--base-dir", base, "--nodes", "1", "--payment", "in-process")
                let restored = try JSON(try await run("verify", "--data-dir", "\(base)/node-1/data", "--json"))
                #expect(restored["ok"] == .boolean(true) && restored["orders"] == .integer(1), "\(restored)")
                try await cloud.stop()
            }
        }

        private static let archive = "s3://shop/of the shop/archive"

        @Test("keeps an archive, one process's at a time, out of which the shop is made as it was")
        func archive() async throws {
            try await LocalShop.with { shop in
                let cloud = try await CloudServer(in: shop.folder)
                let environment = await cloud.environment
                let asked = ["--url", await shop.url, "--token-file", shop.tokenFile, "--to", Self.archive]
                func run(_ arguments: [String], expecting status: Int32 = 0) async throws -> String {
                    try await ChildProcess.run(
                        "cloudretail", arguments, in: shop.folder, environment: environment, expecting: status)
                }
                let archiver = try ChildProcess(
                    "cloudretail", ["archive"] + asked, in: shop.folder, environment: environment)
                try await Self.wait(for: "base-", in: cloud)
                try await cloud.set([.unavailable: 0.1, .lost: 0.1])
                #expect(try await shop.order(key: "one").status == 201)
                try await Self.wait(for: "log-", in: cloud)
                try await cloud.set([:])
                _ = try await run(["archive", "--once"] + asked, expecting: 1)
                archiver.terminate()
                #expect(try await archiver.exit() == 0)
                #expect(try await !Self.names(in: cloud).contains("lock"))

                let said = try await run(["archive", "--once"] + asked)
                let first = try #require(said.split { $0.isWhitespace }.last)
                #expect(try await shop.order(key: "two").status == 201)
                _ = try await run(["archive", "--once"] + asked)
                #expect(!FileManager.default.fileExists(atPath: shop.folder.appending(path: "s3:").path))
                try await shop.stopAtRest()
                for (until, orders) in [(["--until", "0:\(first)"], 1), ([], 2)] {
                    let base = shop.folder.appending(path: "restored-\(orders)").path
                    _ = try await run(
                        ["restore", "--from", Self.archive + "/", "--base-dir", base, "--nodes", "1", "--payment",
                            "in-process"] + until)
                    let restored = try JSON(try await run(["verify", "--data-dir", "\(base)/node-1/data", "--json"]))
                    #expect(restored["ok"] == .boolean(true) && restored["orders"] == .integer(Int64(orders)))
                }
                let base = try #require(try await Self.names(in: cloud).first { $0.hasPrefix("base-") })
                let inspected = try JSON(try await run(["snapshot", "inspect", "\(Self.archive)/\(base)", "--json"]))
                #expect(inspected["shards"] == .integer(1))
                try await cloud.stop()
            }
        }

        /// What the files of the archive are called.
        private static func names(in cloud: CloudServer) async throws -> [String] {
            try await cloud.objects().keys.compactMap { $0.split(separator: "/").last.map(String.init) }
        }

        private static func wait(for prefix: String, in cloud: CloudServer) async throws {
            while try await !names(in: cloud).contains(where: { $0.hasPrefix(prefix) }) {
                try await Task.sleep(for: ChildProcess.pollPause)
            }
        }

        @Test("is given the storefront with the headers that browsers need, pages last")
        func storefront() async throws {
            let folder = try TestFolder()
            let cloud = try await CloudServer(in: folder.url)
            let site = folder.url.appending(path: "site")
            try FileManager.default.createDirectory(
                at: site.appending(path: "assets"), withIntermediateDirectories: true)
            let assets = ["assets/shop-1.js", "assets/shop-1.js.br"]
            let documents = [
                "account", "cart", "checkout", "console", "index", "log-in", "missing", "order", "orders", "product",
                "register", "search",
            ]
            let files = assets + documents.map { "\($0).html" } + ["index.html.gz"]
            for name in files {
                try Data(name.utf8).write(to: site.appending(path: name))
            }
            for written in [files.count, files.count - assets.count] {
                let said = try await ChildProcess.run(
                    "cloudretail", ["storefront", "publish", "--from", site.path, "--to", "s3://shop/site"],
                    in: folder.url, environment: await cloud.environment)
                #expect(said == "\(files.count) files, \(written) of them written\n")
            }
            let objects = try await cloud.objects()
            #expect(Set(objects.keys) == Set(files.map { "site/\($0)" }))
            let script = try #require(objects["site/assets/shop-1.js.br"])
            #expect(script["content-type"] == "text/javascript; charset=utf-8" && script["content-encoding"] == "br")
            #expect(script["cache-control"] == "public, max-age=31536000, immutable")
            let page = try #require(objects["site/index.html"])
            #expect(page["content-type"] == "text/html; charset=utf-8" && page["cache-control"] == "no-cache")
            #expect(page["content-encoding"] == nil)
            try await cloud.stop()
        }
    }
}
