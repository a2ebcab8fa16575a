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

    func wakeAt(_ id: ArraySlice<UInt8>, on shard: isolated Shard) -> Timestamp? {
        guard let id = A.ID(encoded: id) else { return nil }
        return shard.owner(A.self, id).assumeIsolated { $0.wakeAt }
    }
}

/// A table whose kind does not matter to the caller.
protocol AnyOwnerTable: AnyObject {
    func remove(_ owner: any AnyOwner)
    /// Applies one entry of a committed record; nil when the state is already past it.
    func replay(_ entry: RecordBody.Entry, index: LogIndex, time: Timestamp, on shard: isolated Shard) throws -> (any AnyOwner, Settled)?
    /// When the aggregate wants attention, by its committed state.
    func wakeAt(_ id: ArraySlice<UInt8>, on shard: isolated Shard) -> Timestamp?
}

/// One of the kinds of aggregate that a shard can own.
public struct OwnedKind: Sendable {
    let kind: AggregateKind
    let makeTable: @Sendable () -> any AnyOwnerTable

    public static func kind<A: Recorded>(_: A.Type) -> OwnedKind {
        OwnedKind(kind: A.kind, makeTable: { OwnerTable<A>() })
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
