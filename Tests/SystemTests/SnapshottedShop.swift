import Foundation
import Testing

/// A shop of which snapshots are taken while it serves, and what is restored from them.
struct SnapshottedShop {
    let folder: URL
    private let url: String
    private let tokenFile: String

    /// Opens one of a node with three shards and some orders, and closes it after `body`.
    static func with(_ body: (SnapshottedShop) async throws -> Void) async throws {
        try await LocalCluster.with(nodes: 1, shards: 3, payment: "in-process") { cluster in
            for order in 1...5 { #expect(try await cluster.order(key: "order-\(order)").status == 201) }
            try await body(SnapshottedShop(folder: cluster.folder, url: cluster.url, tokenFile: cluster.tokenFile))
        }
    }

    var file: String { path("shop.snapshot") }
    func path(_ name: String) -> String { folder.appending(path: name).path }
    func isThere(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    func download(to file: String) -> [String] {
        ["snapshot", "create", "--url", url, "--token-file", tokenFile, "--output", file]
    }

    func restore(to base: String, nodes: Int) -> [String] {
        ["restore", "--from", file, "--base-dir", base, "--nodes", "\(nodes)", "--shards", "4"]
            + ["--payment", "in-process"]
    }

    /// Fills the catalogue.
    func add(skus: Int) async throws {
        try await run(["bench", "prepare", "--url", url, "--token-file", tokenFile, "--skus", "\(skus)"])
    }

    func run(_ arguments: [String]) async throws {
        try await ChildProcess.run("cloudretail", arguments, in: folder)
    }

    func kill(_ arguments: [String], after moment: Duration) async throws {
        let child = try ChildProcess("cloudretail", arguments, in: folder)
        try await Task.sleep(for: moment)
        child.kill()
        _ = try await child.exit()
    }

    /// Runs a command for which no file may grow past so many bytes, a multiple of 1,024: writes are cut short and
    /// refused as on a full disk.
    ///
    /// - Returns: what it complains of; it has to end with 1.
    func run(_ arguments: [String], bytesMax: Int) async throws -> String {
        // What the command complains of goes to a file too, by way of a program that may write.
        let script = "(trap '' XFSZ; ulimit -f $0; exec \"$@\") 2>&1 >/dev/null | cat >&2; exit ${PIPESTATUS[0]}"
        let program = try ChildProcess.binaries().appending(path: "cloudretail").path
        let child = try ChildProcess(
            "/bin/bash", ["-c", script, "\(bytesMax / 1_024)", program] + arguments, in: folder)
        let (status, complained) = (try await child.exit(), try child.complained)
        #expect(status == 1, "\(bytesMax) bytes: \(complained)")
        return complained
    }

    func verify(_ base: String, nodes: Int) async throws {
        for node in 1...nodes { try await run(["verify", "--data-dir", "\(base)/node-\(node)/data"]) }
    }
}
