import EventSourcing
import Snapshots
import Storage
import Synchronization

/// A snapshot of a running node, or its log alone, on its way to an operator.
final class OutgoingSnapshot: Sendable {
    private let stream: Mutex<SnapshotStream>

    /// Begins one of what is committed at this moment.
    init(of directory: DataDirectory) throws {
        stream = Mutex(
            SnapshotStream(of: try directory.hold(), takenAt: Engine.now(), program: CloudRetail.version))
    }

    /// Begins the log that is committed at this moment behind `position`; nil when that is none.
    init?(of directory: DataDirectory, logAfter position: LogPosition) throws {
        let stream = try SnapshotStream(
            log: try directory.hold(), after: position, takenAt: Engine.now(), program: CloudRetail.version)
        guard let stream else { return nil }
        self.stream = Mutex(stream)
    }

    /// The next piece; nil behind the last.
    func next() throws -> [UInt8]? { try stream.withLock { try $0.next() } }
}
