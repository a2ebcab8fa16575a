import Commerce
import EventSourcing
import Synchronization

/// Sessions that have ended while access tokens of theirs would still be good: those are refused from then on.
///
/// It lives in memory; a node that starts takes it from its logs (`recall`).
public final class EndedSessions: Sendable {
    /// A token's lifetime of log-outs, a hundred a second; 100 bytes each.
    package static let countMax = 90_000

    /// All sessions of an account of before an epoch, but one.
    private struct Cut {
        let epoch: UInt64
        let kept: String?
        let until: Timestamp
    }

    private struct State {
        var sessions: [String: Timestamp] = [:]
        /// By the account, as tokens name it.
        var cuts: [String: Cut] = [:]

        var count: Int { sessions.count + cuts.count }

        /// Forgets what no token can be good for any more, and past the limit what is over soonest.
        mutating func makeRoom(now: Timestamp) {
            guard count >= EndedSessions.countMax else { return }
            sessions = sessions.filter { now < $0.value }
            cuts = cuts.filter { now < $0.value.until }
            guard count >= EndedSessions.countMax else { return }
            if let first = sessions.min(by: { $0.value < $1.value }) {
                sessions[first.key] = nil
            } else if let first = cuts.min(by: { $0.value.until < $1.value.until }) {
                cuts[first.key] = nil
            }
        }
    }

    private let state = Mutex(State())
    /// Most of the time there are none, and then no lock is taken.
    private let count = Atomic<Int>(0)

    public init() {}

    /// - Parameters:
    ///   - id: the session, as tokens name it.
    ///   - moment: when its last access token has expired for certain.
    package func insert(_ id: String, until moment: Timestamp, now: Timestamp) {
        guard now < moment else { return }
        change(now) { $0.sessions[id] = moment }
    }

    /// Refuses the sessions that an account has ended all at once, if it has.
    ///
    /// - Parameter life: how long after their end a token of them may be good.
    package func insert(_ account: Account, life: Duration, now: Timestamp) {
        guard let began = account.sessions.began, now < began + life else { return }
        let cut = Cut(
            epoch: account.sessions.number, kept: account.sessions.kept?.description, until: began + life)
        change(now) { state in
            let id = account.id.description
            // Two answers may cross on their way here.
            if let other = state.cuts[id], other.epoch > cut.epoch { return }
            state.cuts[id] = cut
        }
    }

    private func change(_ now: Timestamp, _ body: (inout State) -> Void) {
        state.withLock { state in
            state.makeRoom(now: now)
            body(&state)
            count.store(state.count, ordering: .releasing)
        }
    }

    /// Whether a token is refused.
    ///
    /// - Parameters:
    ///   - session: as the token names it, as the account.
    ///   - epoch: of the account's sessions, when the token was made.
    package func refuses(session: String, of account: String, epoch: UInt64) -> Bool {
        guard count.load(ordering: .acquiring) > 0 else { return false }
        return state.withLock { state in
            if state.sessions[session] != nil { return true }
            guard let cut = state.cuts[account] else { return false }
            return epoch < cut.epoch && session != cut.kept
        }
    }
}
