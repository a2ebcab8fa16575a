import EventSourcing
import Synchronization

/// Sessions that have ended while access tokens of theirs would still be good: those are refused from then on.
///
/// It lives in memory. After a restart a token of a session that ended before may be good until it expires, which is
/// the token's lifetime at most; its refresh token never is.
public final class EndedSessions: Sendable {
    /// A token's lifetime of log-outs, a hundred a second; 100 bytes each.
    static let countMax = 90_000

    private let sessions = Mutex<[String: Timestamp]>([:])
    /// Most of the time there are none, and then no lock is taken.
    private let count = Atomic<Int>(0)

    public init() {}

    /// - Parameters:
    ///   - id: the session, as tokens name it.
    ///   - moment: when its last access token has expired for certain.
    func insert(_ id: String, until moment: Timestamp, now: Timestamp) {
        sessions.withLock { sessions in
            if sessions.count >= Self.countMax { sessions = sessions.filter { now < $0.value } }
            if sessions.count >= Self.countMax, let first = sessions.min(by: { $0.value < $1.value }) {
                sessions[first.key] = nil
            }
            sessions[id] = moment
            count.store(sessions.count, ordering: .releasing)
        }
    }

    func contains(_ id: String) -> Bool {
        guard count.load(ordering: .acquiring) > 0 else { return false }
        return sessions.withLock { $0[id] != nil }
    }
}
