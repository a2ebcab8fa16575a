/// The parameters of one replica. All replicas of a group should agree on them.
public struct ReplicaConfiguration: Hashable, Sendable {
    /// How the flush of the log relates to the rest.
    public enum StorageWrites: Hashable, Sendable {
        /// `Ready` is flushed as a whole, then its messages are sent, then `advance` is called.
        case synchronous
        /// Messages are sent at once while the flush runs beside them; the answers that rest on it come out of
        /// `flushed`.
        case asynchronous
    }

    /// A follower that hears nothing for this long, and up to twice as long at random, starts an election.
    public var electionTicks = 10
    /// Ten heartbeats per election timeout: one lost datagram or a short pause must not look like a dead leader.
    public var heartbeatTicks = 1
    /// The entries in one append. Past a megabyte a larger message saves no more and delays heartbeats behind it.
    public var messageBytesMax = 1 << 20
    /// The entries handed out and not yet applied. Bounds memory while the state machine lags.
    public var applyingBytesMax = 16 << 20
    /// Proposals not yet applied by the leader; past it they are refused. Bounds the log while no quorum answers.
    public var uncommittedBytesMax = 64 << 20
    /// Appends to one follower that have not been answered.
    public var inFlightMessagesMax = 256
    /// Bounds what a slow link holds in memory; at least `messageBytesMax`.
    public var inFlightBytesMax = 16 << 20
    /// Reads that wait for a quorum's heartbeat answers; past it they are refused.
    public var pendingReadsMax = 10_000
    /// A leader that has not heard from a quorum for an election timeout steps down (thesis, section 6.2).
    public var checksQuorum = true
    /// Asks whether an election could be won before disturbing the others with a new term (thesis, section 9.6).
    public var preVotes = true
    /// Whether followers pass proposals on. A decision rests on the leader's state, so by default they refuse.
    public var forwardsProposals = false
    /// Whether a change of membership is checked when it is proposed, and not only when it is applied.
    public var validatesMembershipChanges = true
    /// Whether a leader that is no voter any more steps down at once.
    public var stepsDownOnRemoval = true
    /// How the flush of the log relates to the rest.
    public var storageWrites = StorageWrites.asynchronous
    #if PLANTED_BUGS
        /// What this replica gets wrong.
        public var mistakes: Set<Mistake> = []
    #endif

    public init() {}

    func validate() {
        precondition(heartbeatTicks > 0 && electionTicks > heartbeatTicks, "an election takes longer than a heartbeat")
        precondition(inFlightMessagesMax > 0, "at least one append has to be in flight")
        precondition(inFlightBytesMax >= messageBytesMax, "one message has to fit into the window")
        precondition(
            applyingBytesMax > 0 && uncommittedBytesMax > 0 && pendingReadsMax > 0, "a limit of 0 stops everything")
    }

    var windowLimits: InFlightWindow.Limits {
        InFlightWindow.Limits(messagesMax: inFlightMessagesMax, bytesMax: inFlightBytesMax)
    }
}
