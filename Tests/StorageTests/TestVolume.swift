import Synchronization

@testable import Storage

/// A volume that is as full as a test wants. Below 100 free bytes nothing new is taken on, below 50 nothing of
/// a leader but the beginning of its term, below 25 nothing is written.
final class TestVolume: Sendable {
    private let free: Mutex<UInt64>

    init(freeBytes: UInt64 = 1_000) { free = Mutex(freeBytes) }

    var freeBytes: UInt64 {
        get { free.withLock { $0 } }
        set { free.withLock { $0 = newValue } }
    }

    var room: DiskRoom { DiskRoom(freeBytes: freeBytes, volumeBytes: 1_000_000, freeBytesMin: 100) }
}
