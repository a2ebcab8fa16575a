import Synchronization

/// How long decisions have waited for the commitment of their records, on all shards that this node leads.
final class CommitTimes: Sendable {
    private let decisions = Atomic<UInt64>(0)
    private let nanoseconds = Atomic<UInt64>(0)

    /// Decisions so far.
    var count: UInt64 { decisions.load(ordering: .relaxed) }
    /// What they have waited together.
    var microseconds: UInt64 { nanoseconds.load(ordering: .relaxed) / 1_000 }

    func note(_ wait: Duration) {
        decisions.wrappingAdd(1, ordering: .relaxed)
        nanoseconds.wrappingAdd(UInt64(max(0, wait / .nanoseconds(1))), ordering: .relaxed)
    }
}
