import Synchronization

/// How long decisions have waited for the commitment of their records, on all shards that this node leads.
final class CommitTimes: Sendable {
    private let decisions = Atomic<UInt64>(0)
    private let wait = Atomic<UInt64>(0)

    /// Decisions so far.
    var count: UInt64 { decisions.load(ordering: .relaxed) }
    /// What they have waited together.
    var nanoseconds: UInt64 { wait.load(ordering: .relaxed) }

    func note(_ wait: Duration) {
        decisions.wrappingAdd(1, ordering: .relaxed)
        self.wait.wrappingAdd(UInt64(max(0, wait / .nanoseconds(1))), ordering: .relaxed)
    }
}
