import EventSourcing

extension ShardMap {
    /// How long a node that follows is waited for: one that lags more is of little use to a caller.
    private static var arrivalMax: Duration { .seconds(5) }
    private static var arrivalPause: Duration { .milliseconds(2) }

    /// Waits until this node's states of the shard of `id` show whatever any node had acknowledged before the call: the
    /// leader says how far that is.
    ///
    /// - Throws: `.refused(.closed)` when no leader answers, or this node does not come so far in time.
    public func showPresent<A: Recorded>(
        ofShardWith _: A.Type, _ id: A.ID, at now: Timestamp
    ) async throws(ExecutionFailure) {
        let index = try await readAsOf(A.self, id, at: now).asOf
        let shard = self[id.slot]
        let end = ContinuousClock.now + Self.arrivalMax
        while await shard.readCommitted({ $0.index }) < index {
            guard ContinuousClock.now < end else { throw .refused(.closed) }
            do { try await Task.sleep(for: Self.arrivalPause) } catch { throw .refused(.closed) }
        }
    }
}
