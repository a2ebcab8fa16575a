import Foundation
import Logging
import ServiceLifecycle
import Storage

/// Tells the log once that the disk is full, and once that it has room again. In between another node leads.
struct DiskRoomService: Service {
    /// The disk itself looks more often.
    private static let pause = Duration.milliseconds(200)

    let directory: DataDirectory
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var wasFull = false
            while !Task.isCancelled {
                let room = directory.room
                if room.isFull != wasFull {
                    wasFull = room.isFull
                    tell(room)
                    if room.isFull { await directory.handOver() }
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
