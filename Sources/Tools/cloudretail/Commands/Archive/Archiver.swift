import CloudAdapters
import EventSourcing
import Foundation
import Snapshots
import Workload

/// Follows the log of a cluster into an archive.
struct Archiver: Sendable {
    /// How many seconds a node is asked to wait for something to be committed.
    private static let wait = 20
    /// The same for an archive that is only to be brought up to date: what is committed is on the disk by then.
    private static let waitOnce = 1
    /// Between attempts when no node answers: the first pause, and the longest.
    private static let pauses = (first: Duration.milliseconds(100), max: Duration.seconds(5))
    /// How often the cluster is told at most how far the archive is: each time is a record of every shard.
    private static let noticePause = Duration.seconds(10)

    private let client: GatewayClient
    private let bases: BaseTaker
    private let status: StatusLine
    private var writer: ArchiveWriter
    /// What the cluster was told of, and when; nil when it does not know of the archive.
    private var told: (count: UInt64, at: ContinuousClock.Instant)?
    /// Whether the last stretch had less than one may have.
    private var isAtEnd = false
    /// Whether a bucket has not said what became of a write: its file may be there or not.
    private var isUncertain = false

    init(_ client: GatewayClient, _ bases: BaseTaker, status: StatusLine) async throws {
        self.client = client
        self.bases = bases
        self.status = status
        writer = try await ArchiveWriter(bases.place)
        told = writer.position.map { ($0.count, .now - Self.noticePause) }
    }

    /// Goes on until the task is cancelled, or something fails that another attempt would not mend.
    func run() async throws {
        let begun = self
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                var follower = begun
                while !Task.isCancelled { try await follower.persisting { try await $0.follow() } }
            }
            group.addTask {
                var taker = begun
                while !Task.isCancelled { try await taker.persisting { try await $0.bases.run() } }
            }
            try await group.next()
            group.cancelAll()
        }
    }

    private mutating func follow() async throws {
        try await findEnd()
        if writer.position == nil { try await begin() }
        if try await step(wait: Self.wait) { try await Task.sleep(for: bases.place.shipPause) }
    }

    /// Returns once the archive has what was committed at the call.
    mutating func catchUp() async throws {
        let end = ContinuousClock.now + client.patience.limit
        var hasComplained = false
        while true {
            do {
                try await findEnd()
                if writer.position == nil { try await begin() }
                guard try await step(wait: Self.waitOnce), !isAtEnd else { break }
            } catch where Self.isPassing(error) && ContinuousClock.now < end {
                if !hasComplained { status.print("\(error); going on for \(client.patience.limit)") }
                hasComplained = true
                try await Task.sleep(for: Self.pauses.first)
            }
        }
        try await bases.takeIfDue()
        try await tellCluster()
        print("archived up to \(writer.position?.description ?? "nothing")")
    }

    /// Does it, again and again while nodes do not answer.
    private mutating func persisting(_ body: (inout Archiver) async throws -> Void) async throws {
        var pause = Self.pauses.first
        while true {
            do {
                return try await body(&self)
            } catch where Self.isPassing(error) && !Task.isCancelled {
                status.print("\(error); going on")
                try await Task.sleep(for: pause)
                pause = min(pause * 2, Self.pauses.max)
            }
        }
    }

    /// Whether another attempt, or another node, may do better.
    private static func isPassing(_ error: any Error) -> Bool {
        switch error {
        case GatewayFault.denied, CloudFailure.noRegion, CloudFailure.noCredentials, CloudFailure.invalidEndpoint,
            CloudFailure.file:
            return false
        case CloudFailure.refused(let refusal): return refusal.status >= 500
        default: break
        }
        return
            !(error is SnapshotFailure || error is ArchiveFailure || error is TokenFile.Fault
            || error is CancellationError)
    }

    // MARK: - One step

    /// Looks where the archive ends, where that is not known.
    private mutating func findEnd() async throws {
        guard isUncertain else { return }
        writer = try await ArchiveWriter(bases.place)
        isUncertain = false
    }

    /// Begins with a base: the archive is empty, or the log behind its end is gone.
    private mutating func begin() async throws {
        let before = writer.position
        let base = try await bases.take()
        try await writer.begin(at: base, noticed: Engine.now())
        if let before { status.print("The log behind \(before) is gone; a new base begins at \(base.end)") }
    }

    /// Archives what a node has committed behind the archive's end.
    ///
    /// - Returns: whether there was something.
    private mutating func step(wait: Int) async throws -> Bool {
        guard let position = writer.position else { return false }
        var answer = GatewayClient.LogAnswer.nothing
        let client = client
        do {
            let header = try await writer.addStretch { output in
                answer = try await client.log(after: "\(position)", wait: wait) { try output.append($0) }
                guard answer == .stretch else { throw NoStretch() }
            }
            isAtEnd = !header.isFull
        } catch is NoStretch {
            if answer == .expired { try await begin() }
        } catch let error as CloudFailure {
            isUncertain = true
            throw error
        }
        if told.map({ ContinuousClock.now - $0.at > Self.noticePause }) ?? true { try await tellCluster() }
        return answer != .nothing
    }

    private struct NoStretch: Error {}

    /// Says how far the archive is, unless what was archived since is no more than the record of that.
    private mutating func tellCluster() async throws {
        guard let position = writer.position else { return }
        let own = UInt64(position.indexes.count)
        guard told.map({ position.count > $0.count + own }) ?? true else { return }
        try await client.moveArchive(to: "\(position)")
        told = (position.count, .now)
    }
}

extension SnapshotHeader {
    /// Whether a shard's log goes on behind this stretch, as far as it tells.
    fileprivate var isFull: Bool {
        shards.contains { $0.base.index.distance(to: $0.end.index) >= SnapshotStream.stretchEntriesMax }
    }
}
