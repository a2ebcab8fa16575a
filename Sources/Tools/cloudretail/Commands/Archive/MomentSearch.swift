import ActorSystem
import Commerce
import EventSourcing
import Gateway
import Schema
import Snapshots

/// Looks for the place in all logs that is one moment of the shop.
///
/// The logs of several shards are cut at the same time. Where a consumer has come further on one shard than the log of
/// another is kept, as when the clocks of two nodes differ, the cut of the first is moved back, or that of the other
/// forward where the first must not be: no shard has heard of what another lacks.
struct MomentSearch {
    /// No cut of these shards is such a moment.
    struct Inconsistent: Error, CustomStringConvertible {
        let shard: ShardID
        var description: String { "shard \(shard) has heard of what other shards do not have at that moment" }
    }

    /// A position has an index of each shard.
    struct OtherShards: Error, CustomStringConvertible {
        let count: Int
        var description: String {
            count == 1 ? "the archive has one shard, 0" : "the archive has \(count) shards, 0 to \(count - 1)"
        }
    }

    /// Nothing had been recorded at that moment.
    struct BeforeShop: Error, CustomStringConvertible {
        let first: Timestamp
        var description: String { "the archive begins at \(first.rfc3339): there was no shop before" }
    }

    /// That a record of one shard rests on another shard's log.
    private struct Reference {
        let shard: ShardID
        let index: LogIndex
        let source: ShardID
        let position: LogIndex

        /// Nil for what a shard has heard of itself.
        init?(shard: ShardID, index: LogIndex, _ id: ConsumerPositionID, _ position: LogIndex) {
            guard id.source != shard else { return nil }
            self.shard = shard
            self.index = index
            source = id.source
            self.position = position
        }
    }

    /// The archive cannot say what came between its last record and that moment, or that nothing did.
    struct PastEnd: Error, CustomStringConvertible {
        let last: Timestamp
        let position: LogPosition
        var description: String {
            "the archive ends at \(last.rfc3339), with record \(position): what was committed after that is not in it. "
                + "--until \(last.rfc3339) restores all that it has, and so does a restore without --until"
        }
    }

    private let history: ArchivedHistory
    private var shards: [ShardID] { history.first.indexes.indices.map { ShardID(UInt16($0)) } }

    init(in history: ArchivedHistory) { self.history = history }

    /// The place; nil when the base was taken behind it.
    ///
    /// - Throws: `ArchiveFailure` when the archive does not have it.
    func position(of moment: Moment) throws -> LogPosition? {
        guard let found = try place(of: moment) else { return nil }
        if case .time = moment, history.isFromBeginning, try time(at: found) == nil, let first = try firstTime {
            throw BeforeShop(first: first)
        }
        return found
    }

    private func place(of moment: Moment) throws -> LogPosition? {
        switch moment {
        case .newest:
            try history.requireWhole()
            return try consistent(history.last.indexes, keeping: nil)
        case .position(let position):
            guard position.indexes.count == shards.count else { throw OtherShards(count: shards.count) }
            guard history.first.isWithin(position) else { return nil }
            try history.require(position)
            return position
        case .record(let shard, let index):
            guard Int(shard.rawValue) < shards.count else { throw OtherShards(count: shards.count) }
            guard index >= history.first[shard] else { return nil }
            try history.require(LogPosition(shards.map { $0 == shard ? index : history.first[$0] }))
            guard let time = try time(of: shard, at: index) else {
                return shards.count == 1 ? LogPosition([index]) : nil
            }
            var ends = try cuts(at: time)
            ends[Int(shard.rawValue)] = index
            return try consistent(ends, keeping: shard)
        case .time(let time):
            guard try history.isFromBeginning || isBaseBefore(time) else { return nil }
            try requireReached(time)
            return try consistent(try cuts(at: time), keeping: nil)
        }
    }

    /// The time of the last record at a place, of all shards; nil when there is none behind the base.
    func time(at position: LogPosition) throws -> Timestamp? {
        try shards.compactMap { try time(of: $0, at: position[$0]) }.max()
    }

    // MARK: - Times

    /// - Throws: why the archive has nothing of `time`, when it is later than its last record.
    private func requireReached(_ time: Timestamp) throws {
        let last = try self.time(at: history.last) ?? baseTime ?? history.base.header.takenAt
        guard last < time else { return }
        try history.requireWhole()
        throw PastEnd(last: last, position: history.last)
    }

    /// Of the first record behind the base, of all shards.
    private var firstTime: Timestamp? {
        get throws {
            var earliest: Timestamp?
            for shard in shards {
                try history.visitRecords(of: shard) { record in
                    earliest = min(earliest ?? record.time, record.time)
                    return false
                }
            }
            return earliest
        }
    }

    private func isBaseBefore(_ time: Timestamp) throws -> Bool {
        guard history.base.header.takenAt <= time else { return false }
        return try baseTime.map { $0 <= time } ?? true
    }

    /// Of the last record that the base has in its logs.
    private var baseTime: Timestamp? {
        get throws {
            var latest: Timestamp?
            for log in history.base.logs {
                var records = try log.records(from: log.first)
                while let record = records.last {
                    latest = max(latest ?? record.time, record.time)
                    records = try log.records(from: record.index.next)
                }
            }
            return latest
        }
    }

    /// Of the last record of a shard up to `index`, behind the base.
    private func time(of shard: ShardID, at index: LogIndex) throws -> Timestamp? {
        var last: Timestamp?
        try history.visitRecords(of: shard) { record in
            guard record.index <= index else { return false }
            last = record.time
            return true
        }
        return last
    }

    /// The last entry of each shard before the first record that is later than `time`.
    private func cuts(at time: Timestamp) throws -> [LogIndex] {
        try shards.map { shard in
            var end = history.last[shard]
            try history.visitRecords(of: shard) { record in
                guard record.time > time else { return true }
                end = LogIndex(record.index.rawValue - 1)
                return false
            }
            return end
        }
    }

    // MARK: - Consistency

    private func consistent(_ ends: [LogIndex], keeping kept: ShardID?) throws -> LogPosition? {
        guard ends.count > 1 else { return LogPosition(ends) }
        let references = try references()
        var ends = ends
        // No cut goes back behind its floor.
        var floors = history.first.indexes
        if let kept { floors[Int(kept.rawValue)] = ends[Int(kept.rawValue)] }
        var hasMoved = true
        while hasMoved {
            hasMoved = false
            for reference in references {
                let (shard, source) = (Int(reference.shard.rawValue), Int(reference.source.rawValue))
                guard ends[shard] >= reference.index, ends[source] < reference.position else { continue }
                hasMoved = true
                if reference.index > floors[shard] {
                    ends[shard] = LogIndex(reference.index.rawValue - 1)
                    continue
                }
                guard reference.source != kept, reference.position <= history.last[reference.source] else {
                    throw Inconsistent(shard: reference.shard)
                }
                ends[source] = reference.position
                floors[source] = reference.position
            }
        }
        return LogPosition(ends)
    }

    /// What each shard has heard of the others: in the states of the base, and since.
    private func references() throws -> [Reference] {
        var found: [Reference] = []
        for (shard, states) in zip(shards, history.states) {
            let base = history.first[shard]
            try StoredStates.forEach(ConsumerPosition.self, in: states) { stored in
                let position = try stored.read().state.position
                if let reference = Reference(shard: shard, index: base, stored.id, position) {
                    found.append(reference)
                }
            }
        }
        for shard in shards {
            try history.visitRecords(of: shard) { record in
                for entry in try RecordBody(record.bytes).entries where entry.kind == ConsumerPosition.kind {
                    guard let id = ConsumerPositionID(encoded: entry.id) else { continue }
                    for event in entry.events {
                        guard case .advanced(let position) = try ConsumerPosition.decodeEvent(event) else { continue }
                        if let reference = Reference(shard: shard, index: record.index, id, position) {
                            found.append(reference)
                        }
                    }
                }
                return true
            }
        }
        return found
    }
}
