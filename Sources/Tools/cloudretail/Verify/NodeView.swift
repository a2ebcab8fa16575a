import Foundation
import Storage

/// What one node has on its disk: its directory when it does not run, and a copy of the database when it does.
struct NodeView {
    let node: UInt64
    let directory: OfflineDirectory
    /// The folder of the copy.
    private let copy: String?

    /// - Parameter path: the data directory.
    init(_ node: UInt64, path: String, isRunning: Bool) throws {
        self.node = node
        guard isRunning else {
            copy = nil
            directory = try OfflineDirectory(path: path)
            return
        }
        let copy = "\(path)-compared"
        try? FileManager.default.removeItem(atPath: copy)
        try FileManager.default.createDirectory(
            atPath: copy, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        try OfflineDirectory.copyDatabase(ofRunning: path, into: copy)
        self.copy = copy
        directory = try OfflineDirectory(path: copy)
    }

    func close() {
        directory.close()
        if let copy { try? FileManager.default.removeItem(atPath: copy) }
    }
}
