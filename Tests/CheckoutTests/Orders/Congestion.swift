import EventSourcing
import Synchronization

/// A journal's queue that is full, or its disk, for as long as a test says.
final class Congestion: Sendable {
    private struct State {
        var refusal: JournalRefusal?
        var refused = 0
    }

    private let state = Mutex(State())

    /// From now on every proposal is refused so; with nil none is.
    func refuse(_ refusal: JournalRefusal?) { state.withLock { $0.refusal = refusal } }

    /// Proposals refused so far.
    var refused: Int { state.withLock(\.refused) }

    func pass() throws(JournalRefusal) {
        try state.withLock { state throws(JournalRefusal) in
            guard let refusal = state.refusal else { return }
            state.refused += 1
            throw refusal
        }
    }
}
