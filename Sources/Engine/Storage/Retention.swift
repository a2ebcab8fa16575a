import EventSourcing

/// How much log stays behind the checkpoint.
public enum Retention: Sendable, Equatable {
    /// All of it, for ever: the whole history can be verified and fed.
    case everything
    /// Records younger than this.
    case age(Duration)
    /// The newest records up to about this many bytes per shard.
    case bytes(UInt64)

    /// Records deleted with one commit at most, so that no commit waits for a clean-up.
    static let recordsPerCommitMax = 1_000

    /// Whether a record of `time` may go while the shard's log holds `logBytes`.
    func releases(recordOf time: Timestamp, now: Timestamp, logBytes: UInt64) -> Bool {
        switch self {
        case .everything: false
        case .age(let age): now.since(time) > age
        case .bytes(let limit): logBytes > limit
        }
    }
}
