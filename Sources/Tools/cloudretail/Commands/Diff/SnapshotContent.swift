import ActorSystem
import Commerce
import EventSourcing
import Schema
import Snapshots

/// The aggregates of a snapshot as its logs leave them, in the order of their ids, whatever shard each is on.
///
/// In memory are a few rows of each shard, and what the logs hold behind the saved states.
struct SnapshotContent {
    private let snapshot: SnapshotFile
    /// By kind and id: the events behind the checkpoint, each with the version that it leads to.
    private var tail: [[UInt8]: [(version: UInt64, event: [UInt8])]] = [:]

    init(_ snapshot: SnapshotFile) throws {
        self.snapshot = snapshot
        for (log, bounds) in zip(snapshot.logs, snapshot.header.shards) {
            var next = LogIndex(bounds.checkpoint.index.rawValue).next
            while let last = try read(log, from: next) { next = last.next }
        }
    }

    private mutating func read(_ log: SnapshotLog, from next: LogIndex) throws -> LogIndex? {
        let records = try log.records(from: next)
        for record in records {
            let body = try RecordBody(record.bytes, of: KindSet(Order.kind, Stock.kind, Product.kind))
            for entry in body.entries {
                let events = zip(1..., entry.events).map { (entry.versionBefore + $0, Array($1)) }
                tail[[entry.kind.rawValue] + entry.id, default: []] += events
            }
        }
        return records.last?.index
    }

    /// Hands over every aggregate that either snapshot has, ascending by id.
    static func forEachPair<A: Recorded>(
        of _: A.Type, _ one: SnapshotContent, _ other: SnapshotContent, _ body: (A?, A?) throws -> Void
    ) throws {
        var (left, right) = (Reader<A>(one), Reader<A>(other))
        var (first, second) = (try left.next(), try right.next())
        while let key = [first?.key, second?.key].compactMap({ $0 }).min(by: { $0.lexicographicallyPrecedes($1) }) {
            let (isFirst, isSecond) = (first?.key == key, second?.key == key)
            try body(isFirst ? first?.state : nil, isSecond ? second?.state : nil)
            if isFirst { first = try left.next() }
            if isSecond { second = try right.next() }
        }
    }

    /// Reads the aggregates of one kind.
    private struct Reader<A: Recorded> {
        private var shards: [RowReader]
        /// Keys of the tail that have yet to come, the next one last.
        private var waiting: [[UInt8]]
        private let tail: [[UInt8]: [(version: UInt64, event: [UInt8])]]

        init(_ content: SnapshotContent) {
            shards = content.snapshot.states.map { RowReader($0, kind: A.kind) }
            tail = content.tail
            waiting = tail.keys.filter { $0[0] == A.kind.rawValue }.sorted { $1.lexicographicallyPrecedes($0) }
        }

        mutating func next() throws -> (key: [UInt8], state: A)? {
            var nearest: Int?
            for place in shards.indices {
                guard let key = try shards[place].peek()?.key else { continue }
                let first = try nearest.flatMap { try shards[$0].peek()?.key }
                if first.map({ key.lexicographicallyPrecedes($0) }) ?? true { nearest = place }
            }
            let row = try nearest.flatMap { try shards[$0].peek() }
            guard let key = [row?.key, waiting.last].compactMap({ $0 }).min(by: { $0.lexicographicallyPrecedes($1) })
            else { return nil }
            guard let id = A.ID(encoded: key.dropFirst()) else {
                throw MalformedBytes("a state's key that its kind does not know", at: 0)
            }
            var value = Versioned(A(id: id), version: 0, index: .zero)
            if let row, row.key == key, let nearest {
                value = try Versioned(row: row.value, id: id)
                shards[nearest].pass()
            }
            if waiting.last == key { waiting.removeLast() }
            var state = value.state
            for (version, event) in tail[key] ?? [] where version > value.version {
                state.apply(try A.decodeEvent(event[...]))
            }
            return (key, state)
        }
    }

    /// Reads the rows of one kind of one shard.
    private struct RowReader {
        private static let rowsAtOnceMax = 1_024

        private let states: SnapshotStates
        private let end: [UInt8]
        private var from: [UInt8]
        /// The next one last.
        private var rows: [StateRow] = []
        private var isAtEnd = false

        init(_ states: SnapshotStates, kind: AggregateKind) {
            self.states = states
            from = [kind.rawValue]
            end = [kind.rawValue + 1]
        }

        mutating func peek() throws -> StateRow? {
            if rows.isEmpty, !isAtEnd {
                rows = try states.rows(from: from, upTo: end, reversed: false, limit: Self.rowsAtOnceMax).reversed()
                if let last = rows.first { from = last.key + [0] } else { isAtEnd = true }
            }
            return rows.last
        }

        mutating func pass() { rows.removeLast() }
    }
}
