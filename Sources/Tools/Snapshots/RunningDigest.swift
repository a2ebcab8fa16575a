import Crypto
import Dispatch

/// The SHA-256 of bytes that come one after the other, worked out beside what else is done with them.
final class RunningDigest: Sendable {
    /// Parts that are not worked on yet, of a megabyte at most.
    private static let partsAheadMax = 8

    /// Touched in the queue alone.
    nonisolated(unsafe) private var digest = SHA256()
    private let queue = DispatchQueue(label: "snapshot-digest")
    private let room = DispatchSemaphore(value: partsAheadMax)

    func update(_ bytes: [UInt8]) {
        room.wait()
        queue.async {
            self.digest.update(data: bytes)
            self.room.signal()
        }
    }

    /// Of all bytes. To be called once.
    func finish() -> [UInt8] { queue.sync { Array(digest.finalize()) } }
}
