import EventSourcing

/// The committed states of one shard, as this node has them.
///
/// Handed to the closure of `Shard.readCommitted`, and valid only there: used later it stops the process.
public struct CommittedStates: Sendable {
    fileprivate let shard: Shard
    fileprivate let number: UInt64
    /// The states hold everything up to here.
    public let index: LogIndex

    public func read<A: Recorded>(_: A.Type, _ id: A.ID) -> Versioned<A> { look(at: A.self, id) { $0 } }

    /// As `read`, of what `look` makes of the aggregate, so that no more of it is copied.
    public func look<A: Recorded, Answer: Sendable>(
        at _: A.Type, _ id: A.ID, _ look: @Sendable (Versioned<A>) -> Answer
    ) -> Answer {
        shard.assumeIsolated { shard in
            shard.requireOpen(number)
            return shard.lookAtCommitted(id, look)
        }
    }
}

extension Shard {
    /// Reads committed states of this node, leader or not: no other node is asked, and nothing is waited for.
    ///
    /// They hold every record that this node knew to be committed before the call. A client that was answered by
    /// another node may know of later ones.
    public func readCommitted<Answer: Sendable>(_ body: @Sendable (CommittedStates) -> Answer) -> Answer {
        if !Mistake.localReadUnsettled.isMade { settle() }
        return opening { number in body(CommittedStates(shard: self, number: number, index: settled)) }
    }

    fileprivate func lookAtCommitted<A: Recorded, Answer: Sendable>(
        _ id: A.ID, _ look: @Sendable (Versioned<A>) -> Answer
    ) -> Answer {
        let value: Versioned<A>?
        if let owner = table(A.self).owner(id) {
            owner.state.lastUsed = tick
            value = owner.state.committed
        } else {
            value = stored(A.self, id)
        }
        guard let value, !value.isForgotten(at: settledTime) else { return look(Versioned(new: id)) }
        return look(value)
    }
}

extension OwnerState {
    fileprivate var committed: Versioned<A> { committedApart ?? running }
}
