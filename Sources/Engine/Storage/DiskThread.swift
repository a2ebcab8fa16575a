import Cluster
import Consensus
import DequeModule
import Foundation
import Synchronization

/// The thread of a member that writes: heartbeats and answers to peers never wait behind a flush.
///
/// A node that is alone has none: its driver's thread writes, and no commit waits for a change of threads.
final class DiskThread: Sendable {
    private let disk: NodeDisk
    private let inbox: NodeInbox
    private let receiver: SnapshotReceiver
    private let orders = Mutex(Orders())
    private let wake = DispatchSemaphore(value: 0)
    private let finished = DispatchSemaphore(value: 0)

    /// Pieces of the few snapshots that come at once, each sender of which waits for its pieces to be staged.
    private static let arrivalsMax = 8 * SnapshotSender.piecesUnstagedMax

    private struct Orders {
        /// The driver orders one write at a time.
        var write: NodeWrite?
        /// What peers have sent of snapshots.
        var arrivals = Deque<(peer: NodeID, frame: SnapshotFrame)>()
        var isEnding = false
        var failure: StorageError?
    }

    init(_ disk: NodeDisk, inbox: NodeInbox, receiver: SnapshotReceiver) {
        self.disk = disk
        self.inbox = inbox
        self.receiver = receiver
    }

    /// Why a write failed: the node stops then.
    var failure: StorageError? { orders.withLock(\.failure) }

    /// Has `write` performed and reported.
    func put(_ write: NodeWrite) {
        orders.withLock { orders in
            precondition(orders.write == nil, "two writes are under way")
            orders.write = write
        }
        wake.signal()
    }

    /// Has a frame of a snapshot taken in. What passes the limit is dropped: an honest sender keeps to it.
    func put(_ frame: SnapshotFrame, from peer: NodeID) {
        orders.withLock { orders in
            guard orders.arrivals.count < Self.arrivalsMax, !orders.isEnding else { return }
            orders.arrivals.append((peer, frame))
        }
        wake.signal()
    }

    /// Writes until `end` is called, or a write has failed.
    func run() {
        defer { finished.signal() }
        while true {
            wake.wait()
            let (write, arrival, isEnding) = orders.withLock { orders in
                defer { orders.write = nil }
                return (orders.write, orders.arrivals.popFirst(), orders.isEnding)
            }
            if isEnding, write == nil { return }
            do throws(StorageError) {
                if let write { try disk.perform(write) }
                if let arrival, !isEnding { try receiver.take(arrival.frame, from: arrival.peer) }
            } catch {
                orders.withLock { $0.failure = error }
                return inbox.putFlushFailed()
            }
        }
    }

    /// Returns when what was ordered is written, or finds no room, and the thread has ended. May be called again.
    func end() {
        disk.end()
        orders.withLock { $0.isEnding = true }
        wake.signal()
        finished.wait()
        finished.signal()
    }
}
