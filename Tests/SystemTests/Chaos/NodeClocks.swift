import Foundation

/// The wall clocks of a cluster's nodes, which can be set while the nodes run: by Debian's libfaketime. What measures
/// how long something took is left alone.
struct NodeClocks: Sendable {
    private let folder: URL
    private let library: String

    /// - Parameter folder: for a file of each clock.
    /// - Returns: nil where the library is not installed.
    init?(in folder: URL) {
        let libraries = ["x86_64", "aarch64"].map { "/usr/lib/\($0)-linux-gnu/faketime/libfaketimeMT.so.1" }
        guard let library = libraries.first(where: { FileManager.default.fileExists(atPath: $0) }) else { return nil }
        self.library = library
        self.folder = folder
    }

    /// What a node finds in its environment, so that its clock can be set.
    func settings(of node: Int) throws -> [String: String] {
        if !FileManager.default.fileExists(atPath: file(of: node).path) { try set(node, secondsAhead: 0) }
        return [
            "LD_PRELOAD": library, "FAKETIME_TIMESTAMP_FILE": file(of: node).path, "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1",
        ]
    }

    /// The clock goes so far ahead of the others, or behind them, within a second.
    func set(_ node: Int, secondsAhead seconds: Int) throws {
        try Data("\(seconds < 0 ? "-" : "+")\(abs(seconds))s\n".utf8).write(to: file(of: node), options: .atomic)
    }

    private func file(of node: Int) -> URL { folder.appending(path: "clock-\(node)") }
}
