import EventSourcing

/// The owners of one kind that are in memory. Lives inside its shard.
final class OwnerTable<A: Recorded>: AnyOwnerTable {
    private var owners: [A.ID: Owner<A>] = [:]

    func owner(_ id: A.ID) -> Owner<A>? { owners[id] }

    func insert(_ owner: Owner<A>) { owners[owner.id] = owner }

    func remove(_ owner: any AnyOwner) {
        guard let owner = owner as? Owner<A> else { preconditionFailure("an owner leaves the table of its kind") }
        owners[owner.id] = nil
    }

    func replay(_ entry: RecordBody.Entry, index: LogIndex, time: Timestamp, on shard: isolated Shard) throws -> (any AnyOwner, Settled)? {
        guard let id = A.ID(encoded: entry.id) else {
            throw RecoveryFailure.malformed(index, MalformedBytes("an id that its kind does not know", at: 0))
        }
        let owner = shard.owner(A.self, id)
        guard let settled = try owner.assumeIsolated({ $0.replay(entry, index: index, time: time) }).get() else {
            return nil
        }
        return (owner, settled)
    }

    func emptied() -> any AnyOwnerTable { OwnerTable<A>() }

    var isForgettable: Bool { A.isForgettable }

    func forgetting(_ row: StateRow, at moment: Timestamp, checkpoint: LogIndex) throws -> [StateChange]? {
        guard let id = A.ID(encoded: row.key.dropFirst()) else {
            throw MalformedBytes("an id that its kind does not know", at: 0)
        }
        guard owners[id] == nil else { return nil }
        let value = try Versioned<A>(row: row.value, id: id)
        guard value.index <= checkpoint, value.state.isForgotten(at: moment) else { return nil }
        let listed = value.state.listing.map { StateKeys.listing(A.kind, group: $0.group) + $0.key }
        return [StateChange(key: row.key, value: nil)] + (listed.map { [StateChange(key: $0, value: nil)] } ?? [])
    }
}

/// A table whose kind does not matter to the caller.
protocol AnyOwnerTable: AnyObject {
    func remove(_ owner: any AnyOwner)
    /// Applies one entry of a committed record; nil when the state is already past it.
    func replay(_ entry: RecordBody.Entry, index: LogIndex, time: Timestamp, on shard: isolated Shard) throws -> (any AnyOwner, Settled)?
    /// A table of the same kind with nobody in it.
    func emptied() -> any AnyOwnerTable
    var isForgettable: Bool { get }
    /// The changes that forget the aggregate of a `state` row; nil when it must be kept.
    func forgetting(_ row: StateRow, at moment: Timestamp, checkpoint: LogIndex) throws -> [StateChange]?
}

/// One of the kinds of aggregate that a shard can own.
public struct OwnedKind: Sendable {
    let kind: AggregateKind
    let makeTable: @Sendable () -> any AnyOwnerTable

    public static func kind<A: Recorded>(_: A.Type) -> OwnedKind {
        precondition(A.kind <= StateKeys.kindMax, "kinds above \(StateKeys.kindMax.rawValue) name other rows")
        return OwnedKind(kind: A.kind, makeTable: { OwnerTable<A>() })
    }
}

/// Why a shard could not be rebuilt from its log. The node stops rather than serve something wrong.
public enum RecoveryFailure: Error, Hashable, Sendable, CustomStringConvertible {
    case malformed(LogIndex, MalformedBytes)
    case unknownKind(UInt8, LogIndex)
    case versionGap(kind: UInt8, expected: UInt64, found: UInt64, LogIndex)

    public var description: String {
        switch self {
        case .malformed(let index, let bytes): "record \(index) cannot be read: \(bytes)"
        case .unknownKind(let kind, let index): "record \(index) changes an aggregate of unknown kind \(kind)"
        case .versionGap(let kind, let expected, let found, let index):
            "record \(index) changes version \(found) of an aggregate of kind \(kind) that is at version \(expected)"
        }
    }
}
