import ActorSystem
import Commerce
import EventSourcing
import Schema
import Synchronization

/// How far a view has followed a log, and who waits for it to come further.
public final class FollowerProgress: Sendable {
    private struct State {
        var applied: LogIndex
        var waiters: [(number: UInt64, index: LogIndex, continuation: CheckedContinuation<Void, Never>)] = []
        /// Callers that have waited so far.
        var numbers: UInt64 = 0
        var hasEnded = false
    }

    private let state: Mutex<State>

    public init(_ start: LogIndex) { state = Mutex(State(applied: start)) }

    /// The last record that the view shows.
    public var applied: LogIndex { state.withLock { $0.applied } }

    /// Returns once the view shows every change of the catalogue up to `index`, which a barrier has led to, or no
    /// follower keeps it up to date any more.
    public func catchUp(with catalogue: Shard, to index: LogIndex) async throws(ExecutionFailure) {
        guard applied < index else { return }
        // Most of a busy log is orders: what the view has yet to see may not concern it.
        await wait(for: try await catalogue.read(from: index) { $0.lastChange(of: Product.kind, SKUClaim.kind) })
    }

    /// Returns once the view shows the record at `index`, no follower keeps it up to date any more, or the task is
    /// cancelled: a record that never comes keeps no node from stopping.
    public func wait(for index: LogIndex) async {
        let number = state.withLock { state in
            state.numbers += 1
            return state.numbers
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
                let isOver = state.withLock { state in
                    if state.applied >= index || state.hasEnded || Task.isCancelled { return true }
                    state.waiters.append((number, index, continuation))
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                state.waiters.firstIndex { $0.number == number }.map { state.waiters.remove(at: $0) }
            }
            waiter?.continuation.resume()
        }
    }

    /// The view shows everything up to `index`.
    public func advance(to index: LogIndex) {
        let ready = state.withLock { state in
            state.applied = index
            let split = state.waiters.partition { $0.index <= index }
            defer { state.waiters.removeSubrange(split...) }
            return Array(state.waiters[split...])
        }
        for waiter in ready { waiter.continuation.resume() }
    }

    /// The view is kept up to date from now on, and shows everything up to `index`.
    public func begin(at index: LogIndex) {
        state.withLock { $0.hasEnded = false }
        advance(to: index)
    }

    /// No follower keeps the view up to date any more: the callers that wait go on without it.
    public func end() {
        let left = state.withLock { state in
            state.hasEnded = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in left { waiter.continuation.resume() }
    }
}
