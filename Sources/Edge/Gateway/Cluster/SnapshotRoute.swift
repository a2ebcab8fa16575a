import Hummingbird
import NIOCore
import NIOPosix
import Synchronization

/// The next piece of a snapshot, about a megabyte; nil behind the last. It reads the disk, and blocks meanwhile.
public typealias SnapshotPieces = @Sendable () throws -> [UInt8]?

extension GatewayRoutes {
    /// Adds the snapshot of this node.
    ///
    /// - Parameter begin: begins one of what is committed at this moment.
    public func addSnapshot(_ begin: @escaping @Sendable () throws -> SnapshotPieces) {
        let (place, answered) = (SnapshotPlace(), pipeline.answered)
        get("/api/v1/cluster/snapshot", .admin) { _, _ in
            let use = try place.take()
            let pieces = try await NIOThreadPool.singleton.runIfActive(begin)
            return Response(
                status: .ok, headers: [.contentType: "application/octet-stream", .cacheControl: "no-store"],
                body: ResponseBody { writer in
                    // Held for as long as the body is written, however that ends.
                    defer { use.end() }
                    let deadline = ContinuousClock.now + SnapshotPlace.timeMax
                    var pace = SnapshotPace(answered: answered.value)
                    var start = ContinuousClock.now
                    while let piece = try await NIOThreadPool.singleton.runIfActive({ try pieces() }) {
                        let rest = pace.rest(after: .now - start, answered: answered.value)
                        guard ContinuousClock.now < deadline else { throw Problem(.timeLimitExceeded) }
                        try await writer.write(ByteBuffer(bytes: piece))
                        if rest > .zero { try await Task.sleep(for: rest) }
                        start = .now
                    }
                    try await writer.finish(nil)
                })
        }
    }
}

/// Leaves the processor to those who are served while a snapshot is taken: it rests four times as long as a piece has
/// taken, if other requests were answered meanwhile. A node that has nothing else to do makes it without a pause.
struct SnapshotPace {
    /// Four fifths of a processor are left.
    private static let restsPerPiece = 4
    /// A piece that took long, on a machine that was busy with others, does not hold up all the rest.
    static let restMax = Duration.milliseconds(250)

    private var answered: Int

    /// - Parameter answered: requests that the node has answered so far.
    init(answered: Int) { self.answered = answered }

    /// How long to rest before the next piece.
    mutating func rest(after work: Duration, answered: Int) -> Duration {
        defer { self.answered = answered }
        return answered > self.answered ? min(work * Self.restsPerPiece, Self.restMax) : .zero
    }
}

/// Lets one snapshot at a time be taken: the database keeps what it has replaced or deleted until it is over.
private final class SnapshotPlace: Sendable {
    /// A client that takes longer is cut off: the database has grown by an hour's writes then.
    static let timeMax = Duration.seconds(3_600)
    /// When another one may find it over.
    private static let retryAfter = Duration.seconds(10)

    private let isTaken = Atomic(false)

    /// One use, until it ends or is held no longer.
    final class Use: Sendable {
        private let place: SnapshotPlace
        private let hasEnded = Atomic(false)

        fileprivate init(_ place: SnapshotPlace) { self.place = place }

        /// Gives the place back, once.
        func end() {
            if !hasEnded.exchange(true, ordering: .relaxed) { place.isTaken.store(false, ordering: .relaxed) }
        }

        deinit { end() }
    }

    /// - Throws: 503 while another one is being taken.
    func take() throws(Problem) -> Use {
        guard !isTaken.exchange(true, ordering: .relaxed) else {
            throw Problem(.overloaded, "A snapshot of this node is being taken; one at a time is the limit.")
                .retry(after: Self.retryAfter)
        }
        return Use(self)
    }
}
