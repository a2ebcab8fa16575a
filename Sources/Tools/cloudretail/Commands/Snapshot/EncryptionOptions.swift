import ArgumentParser
import Gateway
import Snapshots

/// `--key-file`, of the commands that write or read snapshots.
struct EncryptionOptions: ParsableArguments {
    @Option(
        name: .customLong("key-file"),
        help: ArgumentHelp(
            "A file of \(SnapshotKey.byteCount) random bytes, readable by its owner alone, with which snapshots are "
                + "encrypted.", valueName: "file"))
    var keyFile: String?

    /// Nil when none is named.
    ///
    /// - Throws: when the file cannot be read, may be read by others, or has another length.
    func key() throws -> SnapshotKey? {
        guard let keyFile else { return nil }
        let bytes = try SecretFile.read(keyFile)
        guard let key = SnapshotKey(bytes) else { throw Unfit(path: keyFile, count: bytes.count) }
        return key
    }

    private struct Unfit: Error, CustomStringConvertible {
        let path: String
        let count: Int
        var description: String { "\(path) has \(count) bytes; a key has \(SnapshotKey.byteCount)" }
    }
}
