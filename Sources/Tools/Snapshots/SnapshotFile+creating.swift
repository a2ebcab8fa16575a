extension SnapshotFile {
    /// Writes a snapshot. It gets its name once it has been proved to be all that was written.
    ///
    /// - Parameters:
    ///   - replacing: whether a file that is there already may be replaced.
    ///   - fill: appends all of it.
    /// - Throws: `SnapshotFailure`, or what `fill` throws; no file is left then.
    public static func create(
        at path: String, replacing: Bool, _ fill: (OutputFile) async throws -> Void
    ) async throws {
        let output = try OutputFile(path: path, replacing: replacing)
        do {
            try await fill(output)
            _ = try SnapshotFile(path: output.temporary)
            try output.finish()
        } catch {
            output.abandon()
            throw error
        }
    }
}
