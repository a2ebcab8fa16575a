import EventSourcing

/// Follows the committed records of one shard for one consumer: in their order, without a gap, each at least once.
///
/// The consumer says where to begin. It is asked again whenever that place is lost: when another node's states have
/// replaced those of this node, and when the log begins behind the place. The follower passes over nothing by itself.
/// It reads on once the consumer is done with a stretch, so that a slow consumer holds back itself alone, and it waits
/// where the log of this node ends, though the place may lie behind that.
public struct LogFollower: Sendable {
    /// How much of a log is handed over at a time. Bytes are exceeded by one record at most.
    public struct Limits: Sendable {
        public let recordsMax: Int
        public let bytesMax: Int

        public init(recordsMax: Int, bytesMax: Int) {
            precondition(recordsMax > 0 && bytesMax > 0, "a stretch has room for a record")
            self.recordsMax = recordsMax
            self.bytesMax = bytesMax
        }
    }

    /// Why the consumer is asked where to begin.
    public enum Beginning: Sendable, Equatable {
        /// It has not begun yet.
        case first
        /// Another node's states have replaced those that it has read.
        case replaced
        /// The log no longer holds what comes behind the place.
        case truncated
    }

    /// Committed records that follow each other.
    public struct Stretch: Sendable {
        /// Empty where the log has entries that are no records only.
        public let records: [JournalRecord]
        /// Everything up to here had been handed over before, or need not be seen.
        public let after: LogIndex
        /// Everything up to here has been handed over.
        public let last: LogIndex
    }

    private struct Place {
        var seen: LogIndex
        /// Of the states that the consumer began with.
        let replacements: UInt64
    }

    private let shard: Shard
    private let limits: Limits
    private var place: Place?

    public init(of shard: Shard, limits: Limits) {
        self.shard = shard
        self.limits = limits
    }

    /// Hands stretches to `body` as they are committed, until the task is cancelled or the journal ends.
    ///
    /// - Parameters:
    ///   - begin: answers with the last index that need not be seen; states that it reads then are as new as that.
    ///   - body: has the stretch for good once it returns.
    public func follow(
        from begin: (Beginning) async throws -> LogIndex, _ body: (Stretch) async throws -> Void
    ) async throws {
        var follower = self
        // Before the first look, so that nothing is committed unheard between it and the first wait.
        var commits = shard.journal.commits().makeAsyncIterator()
        while !Task.isCancelled {
            if let stretch = try await follower.next(from: begin) {
                try await body(stretch)
            } else if await commits.next() == nil {
                return
            }
        }
    }

    /// The next stretch; nil when nothing is committed here behind the place.
    ///
    /// Nil as well while the log begins behind the place that the consumer has just named: a snapshot is on its way
    /// into this node, and the consumer is asked again with the next commit.
    public mutating func next(from begin: (Beginning) async throws -> LogIndex) async throws -> Stretch? {
        while let loss {
            // Read first: what is replaced while the consumer answers is asked about again.
            let replacements = shard.journal.standing.replacements
            place = Place(seen: try await begin(loss), replacements: replacements)
            if loss == .truncated, self.loss == .truncated { return nil }
        }
        guard var seen = place?.seen else { preconditionFailure("the consumer has said where to begin") }
        if Mistake.replacementPassedOver.isMade { seen = max(seen, LogIndex(shard.journal.first.rawValue - 1)) }
        let committed = shard.journal.committed
        guard committed > seen else { return nil }
        do {
            let records = try shard.journal.records(
                from: seen.next, countMax: limits.recordsMax, bytesMax: limits.bytesMax)
            let last = records.last?.index ?? committed
            place?.seen = last
            return Stretch(records: records, after: seen, last: last)
        } catch is LogTruncated {
            // Since `first` was read. The commit that took the records away, or the next one, leads back here.
            return nil
        }
    }

    /// Whether the consumer has to be asked where to begin.
    private var loss: Beginning? {
        guard let place else { return .first }
        if Mistake.replacementPassedOver.isMade { return nil }
        if place.replacements != shard.journal.standing.replacements { return .replaced }
        return place.seen.next < shard.journal.first ? .truncated : nil
    }
}
