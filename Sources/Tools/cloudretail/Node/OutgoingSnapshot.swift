import Snapshots
import Storage
import Synchronization

/// A snapshot of a running node, on its way to an operator.
final class OutgoingSnapshot: Sendable {
    private let stream: Mutex<SnapshotStream>

    /// Begins one of what is committed at this moment.
    init(of directory: DataDirectory) throws {
        stream = Mutex(
            SnapshotStream(of: try directory.hold(), takenAt: Engine.now(), program: CloudRetail.version))
    }

    /// The next piece; nil behind the last.
    func next() throws -> [UInt8]? { try stream.withLock { try $0.next() } }
}
