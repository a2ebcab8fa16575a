import Synchronization

/// Says, once and for all, that the server is to stop: to answers that would go on for ever, or wait for long.
final class StopSignal: Sendable {
    private struct State {
        var isRaised = false
        /// Ended when it is raised.
        var waiters: [Int: AsyncStream<Never>.Continuation] = [:]
        var number = 0
    }

    private let state = Mutex(State())

    var isRaised: Bool { state.withLock { $0.isRaised } }

    /// Returns when it is raised, or the task is cancelled.
    func wait() async {
        let (end, continuation) = AsyncStream.makeStream(of: Never.self)
        let number = state.withLock { state in
            state.number += 1
            if !state.isRaised { state.waiters[state.number] = continuation }
            return state.isRaised ? nil : state.number
        }
        guard let number else { return }
        for await _ in end {}
        state.withLock { _ = $0.waiters.removeValue(forKey: number) }
    }

    func raise() {
        let waiters = state.withLock { state in
            state.isRaised = true
            defer { state.waiters = [:] }
            return state.waiters
        }
        for waiter in waiters.values { waiter.finish() }
    }
}
