import Cluster
import Consensus
import NIOCore
import Synchronization

/// One stream to one peer: what waits to be sent on it, and the connection that takes it while there is one.
///
/// Any thread puts frames in; the event loop takes them out, as many as have come by then. What waits when a connection
/// ends is lost with it.
final class PeerLink: Sendable {
    /// What came of a frame that was handed in.
    enum Acceptance {
        case taken, full, unconnected
    }

    /// A task that waits for room.
    private struct Waiting {
        let number: UInt64
        let continuation: CheckedContinuation<Void, Never>
    }

    private struct Content {
        var connection: NIOLoopBound<Connection>?
        /// Rises with each connection.
        var generation: UInt64 = 0
        var frames: [[UInt8]] = []
        var bytes = 0
        /// Whether the event loop is going to look for frames.
        var isAwake = false
        var waiting: [Waiting] = []
        var waitedCount: UInt64 = 0
        var counts = LinkCounts()
    }

    let peer: NodeID
    let stream: PeerStream
    private let limits: TransportLimits
    private let content = Mutex(Content())

    init(peer: NodeID, stream: PeerStream, limits: TransportLimits) {
        self.peer = peer
        self.stream = stream
        self.limits = limits
    }

    // MARK: - On any thread

    /// Rises with each connection; nil while there is none.
    var generation: UInt64? { content.withLock { $0.connection == nil ? nil : $0.generation } }

    var counts: LinkCounts { content.withLock(\.counts) }

    /// - Parameter generation: of the connection that is meant; nil for any.
    func offer(_ frame: [UInt8], in generation: UInt64? = nil) -> Acceptance {
        let (acceptance, asleep) = content.withLock { content -> (Acceptance, NIOLoopBound<Connection>?) in
            guard let connection = content.connection, generation == nil || generation == content.generation else {
                content.counts.framesDropped += 1
                return (.unconnected, nil)
            }
            guard hasRoom(content, for: frame.count) else {
                if generation == nil { content.counts.framesDropped += 1 }
                return (.full, nil)
            }
            content.frames.append(frame)
            content.bytes += frame.count
            defer { content.isAwake = true }
            return (.taken, content.isAwake ? nil : connection)
        }
        if let asleep { asleep.eventLoop.execute { asleep.value.drain() } }
        return acceptance
    }

    /// One frame of any size gets through.
    private func hasRoom(_ content: Content, for bytes: Int) -> Bool {
        content.frames.isEmpty
            || content.frames.count < limits.queueFramesMax && content.bytes + bytes <= limits.queueBytesMax
    }

    /// Waits until a frame of so many bytes may have room, or the connection has ended, or the task is cancelled.
    func room(for bytes: Int, in generation: UInt64) async {
        let number = content.withLock { content in
            content.waitedCount += 1
            return content.waitedCount
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let mustWait = content.withLock { content in
                    let isOver = content.connection == nil || content.generation != generation
                    guard !isOver, !hasRoom(content, for: bytes), !Task.isCancelled else { return false }
                    content.waiting.append(Waiting(number: number, continuation: continuation))
                    return true
                }
                if !mustWait { continuation.resume() }
            }
        } onCancel: {
            let waiting = content.withLock { content in
                let position = content.waiting.firstIndex { $0.number == number }
                return position.map { content.waiting.remove(at: $0).continuation }
            }
            waiting?.resume()
        }
    }

    // MARK: - On the event loop

    func attach(_ connection: NIOLoopBound<Connection>) {
        content.withLock { content in
            content.connection = connection
            content.generation += 1
            content.counts.connections += 1
            content.isAwake = false
        }
    }

    /// The connection in use has ended.
    func detach() {
        let waiting = content.withLock { content in
            content.connection = nil
            content.counts.framesDropped += UInt64(content.frames.count)
            content.frames = []
            content.bytes = 0
            defer { content.waiting = [] }
            return content.waiting
        }
        for entry in waiting { entry.continuation.resume() }
    }

    var connection: Connection? { content.withLock(\.connection)?.value }

    /// Frames that are sent at once.
    struct Batch {
        let frames: [[UInt8]]
        let bytes: Int
    }

    /// The next frames to be sent, of about `batchBytesMax`.
    ///
    /// - Returns: nil when there are none: the link sleeps until the next one is put in.
    func take() -> Batch? {
        let (batch, waiting) = content.withLock { content -> (Batch?, [Waiting]) in
            guard !content.frames.isEmpty else {
                content.isAwake = false
                return (nil, [])
            }
            let batch = Self.takeBatch(&content)
            content.counts.framesSent += UInt64(batch.frames.count)
            content.counts.bytesSent += UInt64(batch.bytes)
            defer { content.waiting = [] }
            return (batch, content.waiting)
        }
        for entry in waiting { entry.continuation.resume() }
        return batch
    }

    private static func takeBatch(_ content: inout Content) -> Batch {
        if content.bytes <= TransportLimits.batchBytesMax {
            defer { (content.frames, content.bytes) = ([], 0) }
            return Batch(frames: content.frames, bytes: content.bytes)
        }
        var (count, bytes) = (0, 0)
        while count < content.frames.count, count == 0 || bytes < TransportLimits.batchBytesMax {
            bytes += content.frames[count].count
            count += 1
        }
        defer {
            content.frames.removeFirst(count)
            content.bytes -= bytes
        }
        return Batch(frames: Array(content.frames[..<count]), bytes: bytes)
    }

    func countReceived(frames: Int, bytes: Int) {
        content.withLock { content in
            content.counts.framesReceived += UInt64(frames)
            content.counts.bytesReceived += UInt64(bytes)
        }
    }
}

/// What a stream to a peer has carried since the node began.
public struct LinkCounts: Hashable, Sendable {
    public internal(set) var framesSent: UInt64 = 0
    public internal(set) var bytesSent: UInt64 = 0
    public internal(set) var framesReceived: UInt64 = 0
    public internal(set) var bytesReceived: UInt64 = 0
    /// Refused since the queue was full or there was no connection, or lost with one.
    public internal(set) var framesDropped: UInt64 = 0
    /// How often it was connected.
    public internal(set) var connections: UInt64 = 0
}
