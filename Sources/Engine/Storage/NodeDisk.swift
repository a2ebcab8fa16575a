import Cluster
import Foundation
import Synchronization

/// Performs what a node's driver orders to be written, on one thread, and keeps an eye on the room that is left.
///
/// On a full disk nothing new is taken on, and what was ordered waits for room: the system could refuse a write that is
/// half done, and with such a failure the node ends.
final class NodeDisk: Sendable {
    let store: NodeStore
    private let look: @Sendable () throws(StorageError) -> DiskRoom
    private let driver: NodeDriver
    private let inbox: NodeInbox
    private let lastLook = Mutex(DiskRoom.unknown)
    private let isEnding = Atomic<Bool>(false)

    /// Between two looks while a write waits for room.
    private static let pause = 0.05

    /// - Parameter look: how much room there is.
    init(
        store: NodeStore, driver: NodeDriver, inbox: NodeInbox,
        look: @escaping @Sendable () throws(StorageError) -> DiskRoom
    ) {
        self.store = store
        self.look = look
        self.driver = driver
        self.inbox = inbox
    }

    /// As last looked at.
    var room: DiskRoom { lastLook.withLock { $0 } }

    /// Returns when `write` is durable, and has reported it; or, unreported, when the node ends and there is no room.
    func perform(_ write: NodeWrite) throws(StorageError) {
        while try !lookForRoom().takesWrites {
            guard !isEnding.load(ordering: .acquiring) else { return }
            Thread.sleep(forTimeInterval: Self.pause)
        }
        try store.write(write.parts)
        inbox.putFlushed(write.number)
    }

    /// The node ends: no write waits for room any more.
    func end() { isEnding.store(true, ordering: .releasing) }

    /// Looks anew, and tells the driver what has changed.
    @discardableResult
    func lookForRoom() throws(StorageError) -> DiskRoom {
        let room = try look()
        // The driver's thread looks too: what is told is what was seen last.
        lastLook.withLock { last in
            if last.storageRoom != room.storageRoom { driver.setRoom(room.storageRoom) }
            last = room
        }
        return room
    }
}
