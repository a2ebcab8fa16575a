import Synchronization

/// Calls that wait until another node may lead their shard, or can be reached.
final class LeaderWatch: Sendable {
    private struct State {
        /// Rises with each change.
        var version: UInt64 = 0
        var waiters: [CheckedContinuation<Void, Never>] = []
        var isEnded = false
    }

    private let state = Mutex(State())

    /// Read before looking who leads: what changes between the look and the wait ends the wait.
    var version: UInt64 { state.withLock { $0.version } }

    /// Returns once something has changed since `version`, or at the next look.
    ///
    /// - Returns: false when the node stops.
    func change(since version: UInt64) async -> Bool {
        await withCheckedContinuation { waiter in
            let isOver = state.withLock { state in
                let isOver = state.isEnded || state.version != version
                if !isOver { state.waiters.append(waiter) }
                return isOver
            }
            if isOver { waiter.resume() }
        }
        return state.withLock { !$0.isEnded }
    }

    func end() {
        state.withLock { $0.isEnded = true }
        tell()
    }

    func tell() {
        let waiters = state.withLock { state in
            state.version &+= 1
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }
}
