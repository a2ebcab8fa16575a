import EventSourcing

/// The owners of one kind that are in memory. Lives inside its shard.
final class OwnerTable<A: Recorded> {
    private let functions = OwnerFunctions(A.self)
    private var owners: [A.ID: Owner<A>] = [:]

    func owner(_ id: A.ID) -> Owner<A>? { owners[id] }

    func insert(_ owner: Owner<A>) { owners[owner.id] = owner }

    func remove(_ owner: Owner<A>) { owners[owner.id] = nil }

    func any(_ owner: Owner<A>) -> AnyOwner { AnyOwner(owner, functions) }

    func replay(
        _ entry: RecordBody.Entry, _ stamp: RecordStamp, on shard: isolated Shard
    ) throws -> (AnyOwner, Settled)? {
        guard let id = A.ID(encoded: entry.id) else {
            throw RecoveryFailure.malformed(stamp.index, MalformedBytes("an id that its kind does not know", at: 0))
        }
        let owner = shard.owner(A.self, id)
        owner.state.lastUsed = shard.tick
        guard let settled = try owner.state.replay(entry, stamp).get() else { return nil }
        return (any(owner), settled)
    }

    /// Adds the changes that forget the aggregate of a `state` row.
    ///
    /// - Returns: whether it need not be kept.
    func forget(
        _ row: StateRow, at moment: Timestamp, checkpoint: LogIndex, _ changes: inout StateChanges
    ) throws -> Bool {
        guard let id = A.ID(encoded: row.key.dropFirst()) else {
            throw MalformedBytes("an id that its kind does not know", at: 0)
        }
        guard owners[id] == nil else { return false }
        let value = try Versioned<A>(row: row.value, id: id)
        guard value.index <= checkpoint, value.state.isForgotten(at: moment) else { return false }
        changes.delete { $0 += row.key }
        if let listing = value.state.listing { changes.delete { StateKeys.listing(A.kind, listing, into: &$0) } }
        return true
    }
}

/// A table whose kind does not matter to the caller: beside it the functions made where the kind is known, because the
/// witnesses of a protocol on a generic class are never specialised.
final class AnyOwnerTable {
    let kind: AggregateKind
    let isForgettable: Bool
    let remove: (any Actor) -> Void
    let replay: (RecordBody.Entry, RecordStamp, isolated Shard) throws -> (AnyOwner, Settled)?
    /// A table of the same kind with no owner in it.
    let emptied: () -> AnyOwnerTable
    let forget: (StateRow, Timestamp, LogIndex, inout StateChanges) throws -> Bool
    private let type: ObjectIdentifier
    private let table: AnyObject

    init<A: Recorded>(_ table: OwnerTable<A>) {
        kind = A.kind
        isForgettable = A.isForgettable
        remove = { table.remove(unsafeDowncast($0, to: Owner<A>.self)) }
        replay = { try $2.table(A.self).replay($0, $1, on: $2) }
        forget = { try table.forget($0, at: $1, checkpoint: $2, &$3) }
        emptied = { AnyOwnerTable(OwnerTable<A>()) }
        type = ObjectIdentifier(A.self)
        self.table = table
    }

    /// The table as that of kind `A`; nil when it is another's.
    func table<A: Recorded>(of _: A.Type) -> OwnerTable<A>? {
        type == ObjectIdentifier(A.self) ? unsafeDowncast(table, to: OwnerTable<A>.self) : nil
    }
}

/// One of the kinds of aggregate that a shard can own.
public struct OwnedKind: Sendable {
    let kind: AggregateKind
    let makeTable: @Sendable () -> AnyOwnerTable
    /// The rows that a saved aggregate has beside its own, its history apart.
    let rowsBeside: @Sendable (StateRow) throws -> ArraySlice<StateRow>

    public static func kind<A: Recorded>(_: A.Type) -> OwnedKind {
        precondition(A.kind <= StateKeys.kindMax, "kinds above \(StateKeys.kindMax.rawValue) name other rows")
        return OwnedKind(kind: A.kind, makeTable: { AnyOwnerTable(OwnerTable<A>()) }) { row in
            guard let id = A.ID(encoded: row.key.dropFirst()) else {
                throw MalformedBytes("a state's key that its kind does not know", at: 0)
            }
            return StoredStates.rows(of: try Versioned<A>(row: row.value, id: id), id: id).dropFirst()
        }
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
