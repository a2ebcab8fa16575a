import Cluster
import Foundation
import Gateway
import Logging
import ServiceLifecycle
import Storage

/// Tells the log once that the disk is full, and once that it has room again, and has a member act on which disks are
/// full.
struct DiskRoomService: Service {
    /// The disk itself looks more often.
    private static let pause = Duration.milliseconds(200)
    /// Disks of equal nodes fill up together. So long after its own a node has heard of the others': a leadership that
    /// was handed to a node whose disk is full too would cost an election, and help none.
    private static let hearing = Gossip.factsInterval * 3

    let directory: DataDirectory
    /// Nil on a node that is alone.
    let board: ClusterBoard?
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var wasFull = false
            var changed = ContinuousClock.now
            while !Task.isCancelled {
                let room = directory.room
                if room.isFull != wasFull {
                    (wasFull, changed) = (room.isFull, .now)
                    tell(room)
                }
                if let board, !wasFull || changed.duration(to: .now) > Self.hearing {
                    directory.noteRoom(of: board.room)
                }
                try? await Task.sleep(for: Self.pause)
            }
        }
    }

    private func tell(_ room: DiskRoom) {
        let facts: Logger.Metadata = [
            "free_bytes": "\(room.freeBytes)", "free_bytes_min": "\(room.freeBytesMin)",
        ]
        if room.isFull {
            logger.error("The disk is full: this node takes on nothing new until there is room", metadata: facts)
        } else {
            logger.notice("The disk has room again: this node takes part in everything", metadata: facts)
        }
    }
}
