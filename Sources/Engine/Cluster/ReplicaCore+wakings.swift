import Consensus
import EventSourcing

extension ReplicaCore {
    /// Callers to resume, and subscribers to tell of the committed index, outside the lock.
    struct Wakings {
        let waiters: [(waiter: Waiter, isConfirmed: Bool)]
        let committed: LogIndex
        var subscribers: [AsyncStream<LogIndex>.Continuation] = []
        var areLast = false

        func perform() {
            for (waiter, isConfirmed) in waiters { waiter.resume(returning: isConfirmed) }
            for subscriber in subscribers { subscriber.yield(committed) }
            if areLast { for subscriber in subscribers { subscriber.finish() } }
        }
    }
}
