import ActorSystem
import Checkout
import EventSourcing
import Hummingbird
import NIOCore
import NIOPosix
import Synchronization

/// The committed log of all shards, for an operator who keeps it outside of the cluster.
public struct LogRoutes: Sendable {
    /// Begins the stretch of all logs that comes behind a position, and is on this node's disk; nil when there is none.
    /// It reads the disk, and blocks meanwhile.
    public typealias Begin = @Sendable (LogPosition) throws -> SnapshotPieces?

    /// A request is held no longer: proxies close what is silent for half a minute.
    static let waitMax: Int64 = 20
    /// An archive has one client; a second takes over while the first still ends.
    static let readersMax = 4
    /// A client that takes longer is cut off: the database keeps what it has deleted meanwhile.
    private static let timeMax = Duration.seconds(600)
    /// Between what is committed in memory and what is on the disk.
    private static let flushPause = Duration.milliseconds(5)

    private let shop: Shop
    private let begin: Begin
    private let stop: StopSignal
    private let readers = LogReaders(max: readersMax)

    init(shop: Shop, stop: StopSignal, begin: @escaping Begin) {
        self.shop = shop
        self.begin = begin
        self.stop = stop
    }

    func add(to routes: GatewayRoutes) {
        routes.get("/api/v1/cluster/log", .admin) { request, _ in try await read(request) }
        routes.put("/api/v1/cluster/archive", .admin) { request, context in
            let form = try await request.decode(context) { $0.string("position", length: 1...Self.positionLengthMax) }
            let actor = try context.requirePrincipal().actor
            guard let position = LogPosition(form) else {
                throw FieldErrors([FieldError(pointer: "/position", detail: Self.positionForm)])
            }
            try await reach(position)
            for (shard, last) in zip(shop.shards.shards, position.indexes) {
                _ = try await shop.run(MoveArchive(shard: shard.id, last: last), by: actor)
            }
            return Response(status: .noContent)
        }
    }

    private static let positionForm = "must be an index for each shard, separated by commas, such as 120,45"
    /// Of as many shards as there are slots.
    private static let positionLengthMax = 64 << 10

    private func read(_ request: Request) async throws -> Response {
        let (after, wait) = try QueryReader.read(request) { query -> (LogPosition, Int64)? in
            let after = query.value("after", Self.positionForm, LogPosition.init)
            let wait = query.integer("wait", in: 0...Self.waitMax) ?? 0
            return after.map { ($0, wait) } ?? query.require("after")
        }
        let use = try readers.take()
        try await reach(after)
        guard let pieces = try await next(after, until: ContinuousClock.now + .seconds(wait)) else {
            use.end()
            return Response(status: .noContent, headers: [.cacheControl: "no-store"])
        }
        return Response(
            status: .ok, headers: [.contentType: "application/octet-stream", .cacheControl: "no-store"],
            body: ResponseBody { writer in
                // Held for as long as the body is written, however that ends.
                defer { use.end() }
                let deadline = ContinuousClock.now + Self.timeMax
                while let piece = try await NIOThreadPool.singleton.runIfActive({ try pieces() }) {
                    guard ContinuousClock.now < deadline else { throw Problem(.timeLimitExceeded) }
                    try await writer.write(ByteBuffer(bytes: piece))
                }
                try await writer.finish(nil)
            })
    }

    /// - Throws: 410 when nothing can be read behind `position`, 503 while this node is behind it.
    private func reach(_ position: LogPosition) async throws {
        do {
            try await EventFeed(shards: shop.shards).reach(FeedPosition(position), at: shop.clock())
        } catch FeedFailure.positionExpired {
            throw Problem(.positionExpired)
        } catch FeedFailure.behind {
            throw Problem(.notReady, "This node is behind that position.").retry(after: .seconds(1))
        }
    }

    /// The stretch behind `after`, as soon as there is one; nil when there was none until `deadline`.
    private func next(_ after: LogPosition, until deadline: ContinuousClock.Instant) async throws -> SnapshotPieces? {
        while !Task.isCancelled, !stop.isRaised {
            // Before the look, so that nothing is committed unheard between it and the wait.
            let commits = shop.shards.shards.map { $0.journal.commits() }
            do {
                if let pieces = try await NIOThreadPool.singleton.runIfActive({ try begin(after) }) { return pieces }
            } catch is LogTruncated {
                throw Problem(.positionExpired)
            }
            guard ContinuousClock.now < deadline else { return nil }
            if shop.shards.shards.contains(where: { $0.journal.committed > after[$0.id] }) {
                try await Task.sleep(for: Self.flushPause)
            } else {
                await first(of: commits, until: deadline)
            }
        }
        return nil
    }

    /// Returns when one of the streams says something, the node stops, or the time is over.
    private func first(of commits: [AsyncStream<LogIndex>], until deadline: ContinuousClock.Instant) async {
        await withTaskGroup(of: Void.self) { group in
            for commits in commits { group.addTask { for await _ in commits { return } } }
            group.addTask { try? await Task.sleep(until: deadline, clock: .continuous) }
            group.addTask { await stop.wait() }
            await group.next()
            group.cancelAll()
        }
    }
}

extension GatewayRoutes {
    /// Adds the log of all shards, and the place of the archive that keeps it.
    public func addLog(of shop: Shop, _ begin: @escaping LogRoutes.Begin) {
        LogRoutes(shop: shop, stop: stop, begin: begin).add(to: self)
    }
}

/// Lets few clients at a time read the log: each holds a moment of the database.
private final class LogReaders: Sendable {
    private static let retryAfter = Duration.seconds(1)

    private let count = Atomic(0)
    private let max: Int

    init(max: Int) { self.max = max }

    /// One use, until it ends or is held no longer.
    final class Use: Sendable {
        private let readers: LogReaders
        private let hasEnded = Atomic(false)

        fileprivate init(_ readers: LogReaders) { self.readers = readers }

        /// Gives the place back, once.
        func end() {
            if !hasEnded.exchange(true, ordering: .relaxed) { readers.count.subtract(1, ordering: .relaxed) }
        }

        deinit { end() }
    }

    /// - Throws: 503 while as many are reading as may.
    func take() throws(Problem) -> Use {
        let use = Use(self)
        guard count.add(1, ordering: .relaxed).newValue <= max else {
            throw Problem(.overloaded, "\(max) are reading the log, which is the limit.").retry(after: Self.retryAfter)
        }
        return use
    }
}
