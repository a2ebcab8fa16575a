import Cluster
import Foundation
import Synchronization

/// Performs what a node's driver orders to be written, on one thread, and keeps an eye on the room that is left.
final class NodeDisk: Sendable {
    let store: NodeStore
    private let directory: String
    private let freeBytesMin: UInt64
    private let driver: NodeDriver
    private let inbox: NodeInbox
    private let hasNoRoom = Atomic<Bool>(false)

    init(store: NodeStore, directory: String, freeBytesMin: UInt64, driver: NodeDriver, inbox: NodeInbox) {
        self.store = store
        self.directory = directory
        self.freeBytesMin = freeBytesMin
        self.driver = driver
        self.inbox = inbox
    }

    /// Whether too little of the disk is free for anything new to be taken on.
    var isFull: Bool { hasNoRoom.load(ordering: .relaxed) }

    /// Returns when `write` is durable, and has reported it.
    func perform(_ write: NodeWrite) throws(StorageError) {
        try store.write(write.parts)
        try lookForRoom()
        inbox.putFlushed(write.number)
    }

    func lookForRoom() throws(StorageError) {
        let isFull = try freeBytes(of: directory) < freeBytesMin
        guard hasNoRoom.exchange(isFull, ordering: .relaxed) != isFull else { return }
        driver.setStorageFull(isFull)
    }
}

/// Bytes of free disk that this user may fill.
private func freeBytes(of directory: String) throws(StorageError) -> UInt64 {
    var facts = statvfs()
    guard statvfs(directory, &facts) == 0 else { throw .posix("asking for free disk at \(directory)") }
    return UInt64(facts.f_bavail) * UInt64(facts.f_frsize)
}
