extension SnapshotFile {
    /// Writes a snapshot. It gets its name once it has been proved to be all that was written.
    ///
    /// - Parameters:
    ///   - replacing: whether a file that is there already may be replaced.
    ///   - key: what it is encrypted with; nil for a file that is not.
    ///   - fill: appends all of it.
    /// - Throws: `SnapshotFailure`, or what `fill` throws; no file is left then.
    public static func create(
        at path: String, replacing: Bool, key: SnapshotKey?, _ fill: (OutputFile) async throws -> Void
    ) async throws {
        let output = try OutputFile(path: path, replacing: replacing, key: key)
        do {
            try await fill(output)
            try output.complete()
            _ = try SnapshotFile(path: output.temporary, key: key)
            try output.finish()
        } catch {
            output.abandon()
            throw error
        }
    }
}
