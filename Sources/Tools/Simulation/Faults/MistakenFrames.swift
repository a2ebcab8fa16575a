import Cluster
import Consensus

/// Planted bugs of the byte form of frames: what is read is not what was written.
extension World {
    func mistaken(_ frame: Frame) -> Frame {
        guard bugs.contains(.entryTermLost) else { return frame }
        return Frame(
            peer: frame.peer,
            messages: frame.messages.map { ShardMessage(shard: $0.shard, message: $0.message.withoutEntryTerms) })
    }
}

extension Message {
    /// Every entry in the term of the leader that sent it.
    fileprivate var withoutEntryTerms: Message {
        guard case .append(let previous, let entries, let commit) = body else { return self }
        let changed = entries.map { Entry(id: EntryID(term: term, index: $0.index), payload: $0.payload) }
        return Message(
            from: from, to: to, term: term, body: .append(previous: previous, entries: changed, commit: commit))
    }
}
