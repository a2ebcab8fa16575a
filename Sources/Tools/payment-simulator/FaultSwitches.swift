import Synchronization

/// The fault switches of a running simulator, and whether its listening socket is to be open.
final class FaultSwitches: Sendable {
    private struct State {
        var faults = Faults()
        var generator = SystemRandomNumberGenerator()
        var refusesUntil: ContinuousClock.Instant?
        var observers: [Int: AsyncStream<Void>.Continuation] = [:]
        var observersEver = 0
    }

    private let state = Mutex(State())

    var faults: Faults {
        get { state.withLock(\.faults) }
        set {
            state.withLock { state in
                state.faults = newValue
                let refusal = newValue.refuseConnectionsMilliseconds
                state.refusesUntil = refusal > 0 ? .now + .milliseconds(refusal) : nil
                for observer in state.observers.values { observer.yield() }
            }
        }
    }

    func strikes(_ fault: Fault) -> Bool {
        state.withLock { $0.faults.strikes(fault, using: &$0.generator) }
    }

    // MARK: - Refusing connections

    /// Until when the listening socket is to be closed; nil when it is to be open.
    var refusesUntil: ContinuousClock.Instant? {
        state.withLock { state in
            if let until = state.refusesUntil, until <= .now {
                state.refusesUntil = nil
                state.faults.refuseConnectionsMilliseconds = 0
            }
            return state.refusesUntil
        }
    }

    /// Returns once connections are to be refused, or the task is cancelled.
    func waitUntilRefusing() async {
        for await _ in changes() where refusesUntil != nil { return }
    }

    /// Returns once connections are welcome again, or the task is cancelled.
    func waitUntilWelcoming() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                while let until = self.refusesUntil {
                    do { try await Task.sleep(until: until, clock: .continuous) } catch { return }
                }
            }
            group.addTask { for await _ in self.changes() where self.refusesUntil == nil { return } }
            await group.next()
            group.cancelAll()
        }
    }

    /// One element at once, and one after each change; changes in quick succession may be told as one.
    private func changes() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        state.withLock { state in
            let observer = state.observersEver
            state.observersEver += 1
            state.observers[observer] = continuation
            continuation.onTermination = { [weak self] _ in self?.forget(observer) }
        }
        continuation.yield()
        return stream
    }

    private func forget(_ observer: Int) {
        _ = state.withLock { $0.observers.removeValue(forKey: observer) }
    }
}
