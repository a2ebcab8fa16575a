extension SnapshotFile {
    /// Writes a snapshot. It gets its name once it has been proved to be all that was written.
    ///
    /// - Parameters:
    ///   - replacing: whether a file that is there already may be replaced.
    ///   - key: what it is encrypted with; nil for a file that is not.
    ///   - progress: is told how many bytes the file has so far.
    ///   - fill: appends all of it.
    /// - Returns: what it is, and its bytes.
    /// - Throws: `SnapshotFailure`, or what `fill` throws; no file is left then.
    @discardableResult
    public static func create(
        at path: String, replacing: Bool, key: SnapshotKey?, progress: @escaping (Int) -> Void = { _ in },
        _ fill: (OutputFile) async throws -> Void
    ) async throws -> (header: SnapshotHeader, size: Int) {
        let output = try OutputFile(path: path, replacing: replacing, key: key, progress: progress)
        do {
            try await fill(output)
            try output.complete()
            let header = try SnapshotFile(path: output.temporary, key: key).header
            try output.finish()
            return (header, output.size)
        } catch {
            output.abandon()
            throw error
        }
    }
}
