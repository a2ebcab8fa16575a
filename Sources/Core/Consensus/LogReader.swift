/// What a replica asks of the flushed part of its log. Reads see every write whose `Replica.flushed` was called.
///
/// Whatever cannot be read is nil: compacted away, or damaged. A replica that cannot do without it stops.
public protocol LogReader {
    /// The first entry that is still there; `lastIndex.next` in an empty log.
    var firstIndex: EntryIndex { get }
    /// The last entry, or the last that the snapshot covers.
    var lastIndex: EntryIndex { get }

    /// The term of an entry from `firstIndex.previous` on; the one before the first is kept so that appends can be
    /// matched.
    func term(at index: EntryIndex) -> Term?

    /// A prefix of the entries in `range` of at most `bytesMax` bytes, but at least one entry.
    ///
    /// - Returns: nil when the first of them is gone.
    func entries(in range: Range<EntryIndex>, bytesMax: Int) -> [Entry]?

    /// The newest snapshot that can be sent, or nil while none is ready.
    ///
    /// A node that joined after it was taken cannot use it: take one after each change of membership.
    var snapshot: Snapshot? { get }
}
