import Foundation

/// Files that may be replaced while the program runs, and how they were when they were last looked at.
public struct WatchedFiles: Sendable {
    private let paths: [String]
    /// Replaced or rewritten files differ in one of the numbers; a file that is not there has none.
    private var edition: [[Int]]

    /// Takes the files as they are now. To be made before they are read: what changes in between is seen at the next
    /// look.
    public init(_ paths: String...) {
        self.paths = paths
        edition = paths.map(Self.edition)
    }

    /// Looks again.
    ///
    /// - Returns: whether any of the files is another than at the look before.
    public mutating func haveChanged() -> Bool {
        let before = edition
        edition = paths.map(Self.edition)
        return edition != before
    }

    private static func edition(of path: String) -> [Int] {
        var status = stat()
        guard stat(path, &status) == 0 else { return [] }
        #if canImport(Darwin)
        let modified = status.st_mtimespec
        #else
        let modified = status.st_mtim
        #endif
        return [Int(status.st_ino), Int(status.st_size), modified.tv_sec, modified.tv_nsec]
    }
}
