import EventSourcing
import Wire

/// The rows of a shard that follow from its saved states, or tell how they came about: places in lists, alarms,
/// history.
///
/// No record of the log says that they are there, so they are compared with the states that they stand beside.
public struct RowsBesideStates {
    /// Rows, whatever their order.
    private struct Tally: Equatable {
        var count = 0
        private var sum = 0

        mutating func add(_ key: [UInt8]) {
            count += 1
            sum &+= RowBytes(key).hashValue
        }
    }

    /// What rows tell of a kind of aggregate.
    private struct Group: Hashable {
        let marker: UInt8
        let kind: UInt8
    }

    private let states: any StateStore
    private static let rowsAtOnceMax = 1_024

    public init(_ states: any StateStore) { self.states = states }

    // MARK: - Lists and alarms

    /// What is wrong with lists and alarms, in words.
    ///
    /// - Parameter kinds: all that the shard owns.
    /// - Throws: what the store throws for a row that is damaged.
    public func problemsOfListsAndAlarms(_ kinds: [OwnedKind]) throws -> [String] {
        var (expected, found): ([Group: Tally], [Group: Tally]) = ([:], [:])
        for kind in kinds {
            try forEachRow(of: kind.kind.rawValue) { row in
                for row in try kind.rowsBeside(row) { expected[Self.group(of: row.key), default: Tally()].add(row.key) }
            }
        }
        for marker in [StateKeys.alarms, StateKeys.listings] {
            try forEachRow(of: marker) { found[Self.group(of: $0.key), default: Tally()].add($0.key) }
        }
        let groups = Set(expected.keys).union(found.keys).sorted { ($0.marker, $0.kind) < ($1.marker, $1.kind) }
        return groups.compactMap { group in
            let (expected, found) = (expected[group, default: Tally()], found[group, default: Tally()])
            guard expected != found else { return nil }
            let what = group.marker == StateKeys.alarms ? "alarms" : "places in lists"
            return "\(found.count) \(what) of aggregates of kind \(group.kind), where the saved states have "
                + (found.count == expected.count ? "others" : "\(expected.count)")
        }
    }

    /// An alarm names its kind behind its moment, a place in a list at once.
    private static func group(of key: [UInt8]) -> Group {
        let place = key.first == StateKeys.alarms ? 9 : 1
        return Group(marker: key.first ?? 0, kind: key.count > place ? key[place] : 0)
    }

    // MARK: - History

    /// Where the history of one aggregate has come to.
    private struct Reached {
        let kind: UInt8
        let id: [UInt8]
        var version: UInt64
    }

    /// What is wrong with histories, in words.
    ///
    /// An aggregate may have lost the beginning of its history to retention, and the whole of it to a restore. What it
    /// has goes on to the version of its state, without a gap where every event is history.
    ///
    /// - Parameter kinds: those of which every event is history.
    /// - Throws: what the store throws for a row that is damaged.
    public func problemsOfHistory(chronicled kinds: [AggregateKind]) throws -> [String] {
        let chronicled = Set(kinds.map(\.rawValue))
        var problems: [String] = []
        var reached: Reached?
        func finish() throws {
            guard let reached else { return }
            let row = try states.value(forKey: [reached.kind] + reached.id)
            let version = try row.map { row in
                var reader = RecordReader(row[...])
                return try reader.readVarint()
            }
            let isComplete = version == reached.version
            guard !isComplete, chronicled.contains(reached.kind) || version ?? 0 < reached.version else { return }
            let stands = version.map { "at version \($0)" } ?? "not there"
            problems.append("\(Self.words(reached)) ends at version \(reached.version), and its state is \(stands)")
        }
        try forEachRow(of: StateKeys.histories) { chunk in
            var reader = RecordReader(chunk.key.dropFirst())
            let (kind, id, first) = (try reader.readByte(), Array(try reader.readBlob()), try reader.readUInt64())
            if reached?.kind != kind || reached?.id != id {
                try finish()
                reached = Reached(kind: kind, id: id, version: first - 1)
            }
            guard let rows = try? HistoryRow.decode(chunk.value) else {
                problems.append("\(Self.words(reached!)) cannot be read from version \(first) on")
                return
            }
            for row in rows {
                let isNext = row.version == reached!.version + 1
                if !isNext, chronicled.contains(kind) || row.version <= reached!.version {
                    let gap = "goes on with version \(row.version) behind \(reached!.version)"
                    problems.append("\(Self.words(reached!)) \(gap)")
                }
                reached!.version = row.version
            }
        }
        try finish()
        return problems
    }

    private static func words(_ reached: Reached) -> String {
        let isText = reached.id.allSatisfy { (0x20..<0x7f).contains($0) }
        let id = isText ? String(decoding: reached.id, as: UTF8.self) : "\(reached.id)"
        return "the history of \(id), an aggregate of kind \(reached.kind),"
    }

    // MARK: - Reading

    private func forEachRow(of first: UInt8, _ body: (StateRow) throws -> Void) throws {
        var from = [first]
        let end = StateKeys.end(of: from)
        while true {
            let rows = try states.rows(from: from, upTo: end, reversed: false, limit: Self.rowsAtOnceMax)
            for row in rows { try body(row) }
            guard let last = rows.last else { return }
            from = last.key + [0]
        }
    }
}
