import Foundation
import Testing

/// The wall clocks of a cluster's nodes, which can be set while the nodes run: by `ClockShift`, which is loaded before
/// the programs. What measures how long something takes is left alone.
struct NodeClocks: Sendable {
    /// For a file of each clock.
    let folder: URL

    /// What a node finds in its environment, so that its clock can be set.
    func settings(of node: Int) throws -> [String: String] {
        let library = try ChildProcess.built("libClockShift.so")
        try #require(FileManager.default.fileExists(atPath: library.path), "\(library.path) is built with the tests")
        if !FileManager.default.fileExists(atPath: file(of: node).path) { try set(node, secondsAhead: 0) }
        return ["LD_PRELOAD": library.path, "CLOCK_SHIFT_FILE": file(of: node).path]
    }

    /// The clock goes so far ahead of the others, or behind them, at once.
    func set(_ node: Int, secondsAhead seconds: Int) throws {
        let microseconds = withUnsafeBytes(of: Int64(seconds) * 1_000_000) { Data($0) }
        guard let handle = FileHandle(forWritingAtPath: file(of: node).path) else {
            return try microseconds.write(to: file(of: node))
        }
        defer { try? handle.close() }
        // In place: the nodes have the file in their memory.
        try handle.write(contentsOf: microseconds)
    }

    private func file(of node: Int) -> URL { folder.appending(path: "clock-\(node)") }
}
