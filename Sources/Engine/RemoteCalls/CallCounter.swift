import Synchronization

/// What a node's calls have come to since it started. Counts; `inFlight` and `underWay` are as of now.
public struct CallCounts: Sendable {
    /// Calls on other nodes, each pass of one that was sent on.
    public internal(set) var sent = 0
    /// Calls that were asked of a node which did not lead.
    public internal(set) var passedOn = 0
    /// Calls that waited for a node that leads.
    public internal(set) var delayed = 0
    /// Calls whose outcome was not told: the connection ended, the deadline passed, or another node led for too long.
    public internal(set) var lost = 0
    /// Calls of other nodes that this one has taken.
    public internal(set) var taken = 0
    /// Calls of other nodes that this one has not performed.
    public internal(set) var refused = 0
    /// Frames and replies of other nodes that this one cannot read.
    public internal(set) var notUnderstood = 0
    /// Calls on other nodes that wait for their replies.
    public internal(set) var inFlight = 0
    /// Calls of other nodes that this one is performing.
    public internal(set) var underWay = 0
}

final class CallCounter: Sendable {
    private let state = Mutex(CallCounts())

    var counts: CallCounts { state.withLock { $0 } }

    func count(_ path: WritableKeyPath<CallCounts, Int> & Sendable) { state.withLock { $0[keyPath: path] += 1 } }
}
