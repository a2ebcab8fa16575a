/// One member of a Raft group: a state machine without clock, disk, network or randomness of its own.
///
/// `tick`, `step`, `propose` and the other verbs change its state; `ready` says what the shell has to do about it.
/// Calls are synchronous and come from one thread at a time. It cannot be copied: a copy would vote twice.
///
/// Source: D. Ongaro, J. Ousterhout, "In Search of an Understandable Consensus Algorithm" (the paper), and D. Ongaro,
/// "Consensus: Bridging Theory and Practice" (the thesis). Vocabulary and steps are those of etcd-io/raft.
///
/// Invariants: at most one leader per term; a leader never overwrites its log; two logs that hold the same `EntryID`
/// agree up to it; what is committed is in the log of every later leader; no answer leaves before what it rests on is
/// flushed.
public struct Replica: ~Copyable {
    /// Whose replica this is.
    public let id: NodeID
    let configuration: ReplicaConfiguration
    var generator: any RandomNumberGenerator

    // Persistent state (Raft, figure 2).
    /// The latest term that this replica has seen.
    public internal(set) var term: Term
    var vote: NodeID?
    var log: ReplicaLog

    // Volatile state.
    /// What this replica is.
    public internal(set) var role = Role.follower
    /// Who leads in `term`, where that is known.
    public internal(set) var leader: NodeID?
    /// Set once this replica can go on no longer; from then on it does nothing.
    public internal(set) var failure: ReplicaFailure?
    /// Since the last message of a leader, or since an election began; on a leader, since it last checked its quorum.
    var electionElapsed = 0
    var heartbeatElapsed = 0
    /// From `electionTicks` to twice that, drawn anew at each change of role.
    var randomizedElectionTicks = 0

    // A leader's state.
    var tracker: Tracker
    /// To whom leadership is being transferred.
    public internal(set) var transferee: NodeID?
    /// The latest membership change in the log is at or before this index; the next may be proposed once it is applied.
    var pendingMembershipIndex = EntryIndex.zero
    /// An estimate of the payload bytes that are appended in this term and not applied; never above the truth.
    public internal(set) var uncommittedBytes = 0
    var reads = ReadQueue()
    /// Reads that came before this leader had committed an entry of its own term.
    var earlyReads: [ReadRequest] = []

    // What the next `ready` hands out.
    var outbox: [Message] = []
    /// Messages that may leave only once everything that is unstable now is flushed.
    var outboxAfterFlush: [Message] = []
    var readStates: [ReadState] = []
    var handedOut: HandedOut

    /// - Parameters:
    ///   - hardState: as last written; `.initial` on a new node.
    ///   - membership: as of `applied`.
    ///   - applied: what the state machine has applied; it is not handed out again.
    ///   - generator: spreads election timeouts. Seed it differently on every node.
    public init(
        id: NodeID, configuration: ReplicaConfiguration, log reader: any LogReader, hardState: HardState,
        membership: Membership, applied: EntryIndex, generator: any RandomNumberGenerator
    ) {
        configuration.validate()
        precondition(id != .none, "a replica has an identity")
        self.id = id
        self.configuration = configuration
        self.generator = generator
        log = ReplicaLog(reader: reader, applyingBytesMax: configuration.applyingBytesMax)
        log.resume(committed: hardState.commit, applied: applied)
        term = hardState.term
        vote = hardState.vote
        tracker = Tracker(membership, last: log.lastIndex, limits: configuration.windowLimits)
        handedOut = HandedOut(membershipIndex: log.applied)
        becomeFollower(in: term, of: nil)
        handedOut.softState = softState
        handedOut.hardState = self.hardState
    }

    var softState: SoftState { SoftState(leader: leader, role: role) }
    var hardState: HardState { HardState(term: term, vote: vote, commit: log.committed) }

    /// Ends this replica: nothing that it has not said yet will be said.
    mutating func stop(_ failure: ReplicaFailure) {
        guard self.failure == nil else { return }
        self.failure = failure
        role = .follower
        leader = nil
        outbox = []
        outboxAfterFlush = []
        readStates = []
    }
}
