/// How far one member has come, as its leader sees it.
///
/// Invariant: `match < next`. What lies between is on its way.
struct Progress: Hashable, Sendable {
    enum Phase: Hashable {
        /// Where the member's log ends is not known; one append per heartbeat interval finds out.
        case probe
        /// Appends are pipelined.
        case replicate
        /// The log no longer reaches back far enough; appends wait for a snapshot up to `pending`.
        case snapshot(pending: EntryIndex)
    }

    /// The member's log is known to agree with the leader's, and to be flushed, up to here.
    var match = EntryIndex.zero
    /// The next entry to send.
    var next: EntryIndex
    /// The highest commit index sent.
    var sentCommit = EntryIndex.zero
    private(set) var phase = Phase.probe
    /// Whether the member was heard of since check-quorum last looked.
    var isRecentlyActive = false
    /// Appends pause until the next heartbeat answer: the window is full, or a probe is on its way.
    var isFlowPaused = false
    var window: InFlightWindow
    var isLearner: Bool

    init(next: EntryIndex, limits: InFlightWindow.Limits, isLearner: Bool) {
        self.next = next
        self.window = InFlightWindow(limits: limits)
        self.isLearner = isLearner
    }

    var isPaused: Bool {
        switch phase {
        case .probe, .replicate: isFlowPaused
        case .snapshot: true
        }
    }

    private mutating func enter(_ phase: Phase) {
        self.phase = phase
        isFlowPaused = false
        window.reset()
    }

    /// Probes from the first entry that is not known to match, or behind the snapshot that the member was sent.
    mutating func becomeProbe() {
        let behindSnapshot = if case .snapshot(let pending) = phase { pending.next } else { EntryIndex.zero }
        enter(.probe)
        next = max(match.next, behindSnapshot)
        sentCommit = min(sentCommit, next.previous)
    }

    mutating func becomeReplicate() {
        enter(.replicate)
        next = match.next
    }

    mutating func becomeSnapshot(_ index: EntryIndex) {
        enter(.snapshot(pending: index))
        next = index.next
        sentCommit = index
    }

    /// The snapshot did not arrive: probe as if it had never been sent.
    mutating func abandonSnapshot() {
        enter(.probe)
        becomeProbe()
    }

    /// `count` entries from `next` on, of `bytes` payload in all, were sent.
    mutating func sentEntries(_ count: Int, bytes: Int) {
        switch phase {
        case .replicate:
            if count > 0 {
                next = next.advanced(by: count)
                window.add(last: next.previous, bytes: bytes)
            }
            // A message past a full window is a probe.
            isFlowPaused = window.isFull
        case .probe:
            if count > 0 { isFlowPaused = true }
        case .snapshot:
            preconditionFailure("an append was sent to a member that waits for a snapshot")
        }
    }

    /// Whether sending `index` can move the member's commit index.
    func canBumpCommit(to index: EntryIndex) -> Bool { index > sentCommit && sentCommit < next.previous }

    /// The member holds everything up to `index`.
    ///
    /// - Returns: false when that was known.
    mutating func acknowledge(_ index: EntryIndex) -> Bool {
        guard index > match else { return false }
        match = index
        next = max(next, index.next)
        isFlowPaused = false
        return true
    }

    /// The member refused the append that followed `rejected` and suggests that the logs may agree at `hint`.
    ///
    /// - Returns: false when the refusal is stale.
    mutating func retreat(rejected: EntryIndex, hint: EntryIndex) -> Bool {
        // A follower that refuses what it acknowledged has lost it, and would refuse it for ever: the next heartbeat is
        // soon enough.
        guard rejected > match else { return false }
        if phase == .replicate {
            next = match.next
        } else {
            // A follower that is probed gets one message at a time.
            guard next.previous == rejected else { return false }
            next = max(min(rejected, hint.next), match.next)
            isFlowPaused = false
        }
        sentCommit = min(sentCommit, next.previous)
        return true
    }
}
