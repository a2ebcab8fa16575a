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

    /// The last record that changed an aggregate of one of these kinds, or may have.
    public func lastChange(of kinds: AggregateKind...) -> LogIndex {
        shard.assumeIsolated { shard in
            shard.requireOpen(number)
            return kinds.reduce(.zero) { max($0, shard.changed[Int($1.rawValue)]) }
        }
    }

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
    /// Reads committed states of this node, leader or not, behind a read barrier: they show whatever any node had
    /// acknowledged before the call.
    ///
    /// - Throws: `.refused(.closed)` when no majority can be asked.
    public nonisolated func read<Answer: Sendable>(
        _ body: @Sendable (CommittedStates) -> Answer
    ) async throws(ExecutionFailure) -> Answer {
        try await read(from: try await journalBarrier(), body)
    }

    /// As `read`, behind a barrier that has led to `index`.
    public nonisolated func read<Answer: Sendable>(
        from index: LogIndex, _ body: @Sendable (CommittedStates) -> Answer
    ) async throws(ExecutionFailure) -> Answer {
        guard let answer = await readCommitted(from: index, body) else { throw .refused(.closed) }
        return answer
    }

    /// A read barrier: once it returns the committed states of this node show whatever any node had acknowledged before
    /// the call, and so do its lists and histories.
    ///
    /// - Returns: an index up to which the states have everything.
    /// - Throws: `.refused(.closed)` when no majority can be asked.
    @discardableResult
    public nonisolated func barrier() async throws(ExecutionFailure) -> LogIndex { try await read { $0.index } }

    /// Before a cluster that did not answer is asked again.
    private static let arrivalPause = Duration.milliseconds(50)

    /// Returns once the states of this node show what the cluster had committed when this was called, however long that
    /// takes. What a node keeps beside its states begins then: a node that comes late, with an empty disk above all,
    /// would read the whole log once more for each such view.
    ///
    /// - Throws: `CancellationError`.
    public nonisolated func arrive() async throws {
        while true {
            do throws(ExecutionFailure) {
                try await barrier()
                return
            } catch {
                try await Task.sleep(for: Self.arrivalPause)
            }
        }
    }

    /// As `barrier`, for what follows the log by itself: it has to come as far as the index.
    ///
    /// The states of this node have it too, unless another node's are replacing them.
    public nonisolated func journalBarrier() async throws(ExecutionFailure) -> LogIndex {
        if Mistake.readWithoutBarrier.isMade { return .zero }
        do {
            return try await journal.readBarrier()
        } catch {
            throw .refused(.closed)
        }
    }

    /// Reads committed states of this node, leader or not: no other node is asked, and nothing is waited for.
    ///
    /// They hold every record that this node knew to be committed before the call. A client that was answered by
    /// another node may know of later ones.
    public func readCommitted<Answer: Sendable>(_ body: @Sendable (CommittedStates) -> Answer) -> Answer {
        if !Mistake.localReadUnsettled.isMade { settle() }
        return opening { number in body(CommittedStates(shard: self, number: number, index: settled)) }
    }

    /// - Returns: nil when another node's states are replacing those of this node, which have not got to `index`.
    private func readCommitted<Answer: Sendable>(
        from index: LogIndex, _ body: @Sendable (CommittedStates) -> Answer
    ) -> Answer? {
        readCommitted { states in states.index >= index ? body(states) : nil }
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
