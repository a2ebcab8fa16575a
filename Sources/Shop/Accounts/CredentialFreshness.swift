import ActorSystem
import Checkout
import EventSourcing
import Synchronization

/// How long ago a node of several knew for certain what the logs say of tokens.
///
/// Several times a second it asks the leader of each shard how far the log is final, and waits until it knows of tokens
/// everything up to there. A node that is cut off, or whose follower lags, grows stale, and takes no tokens then.
public final class CredentialFreshness: Sendable {
    /// A token of a session that has ended on another node is refused on this one so much later, at the latest.
    public static let ageMax = Duration.seconds(1)
    /// A new leader is found, and the logs are looked at twice, within the greatest age.
    static let interval = Duration.milliseconds(200)
    /// Questions of one shard that wait for their answer: one that a leader takes with it into its grave holds up none
    /// of those to its successor.
    static let questionsMax = 32
    /// Callers that wait for the next answer; past it they are told at once what is known.
    static let waitersMax = 256

    private struct Part {
        /// When the youngest question that has been answered was asked, in nanoseconds; nil before the first.
        var asked: Int64?
        var questions = 0
        var waiters: [(since: Int64, continuation: CheckedContinuation<Void, Never>)] = []

        /// Those that have waited for a question of at least `moment`.
        mutating func takeWaiters(since moment: Int64) -> [CheckedContinuation<Void, Never>] {
            let split = waiters.partition { $0.since <= moment }
            defer { waiters.removeSubrange(split...) }
            return waiters[split...].map(\.continuation)
        }
    }

    private let follower: CredentialFollower
    private let monotonic: @Sendable () -> Int64
    private let age: Int64
    /// In the order of the shards.
    private let parts: Mutex<[Part]>
    /// Until then what is known of tokens is new enough.
    private let end = Atomic<Int64>(.min)

    /// - Parameter monotonic: nanoseconds of a clock that never goes back.
    public init(
        of follower: CredentialFollower, ageMax: Duration = CredentialFreshness.ageMax,
        monotonic: @escaping @Sendable () -> Int64
    ) {
        self.follower = follower
        self.monotonic = monotonic
        age = Int64(ageMax / .nanoseconds(1))
        parts = Mutex(follower.shards.shards.map { _ in Part() })
    }

    /// Whether tokens may be taken at `now`, in nanoseconds of the clock.
    package func isFresh(at now: Int64) -> Bool { now < end.load(ordering: .acquiring) }

    /// The shard of which the least is known, and since when; nil while all is new enough.
    package func stalest(at now: Int64) -> (shard: ShardID, since: Duration?)? {
        guard !isFresh(at: now) else { return nil }
        return parts.withLock { parts in
            let stalest = parts.indices.min { (parts[$0].asked ?? .min) < (parts[$1].asked ?? .min) }
            return stalest.map { place in
                (ShardID(UInt16(place)), parts[place].asked.map { .nanoseconds(now - $0) })
            }
        }
    }

    /// Asks until the task is cancelled.
    public func watch() async {
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                for shard in follower.shards.shards where begin(shard.id) {
                    group.addTask { await self.ask(shard.id) }
                }
                giveUp()
                do { try await Task.sleep(for: Self.interval) } catch { break }
            }
            group.cancelAll()
        }
        giveUp(since: .max)
    }

    /// Returns once everything that was known anywhere of the tokens of `shard` before this call is known here, or it
    /// takes longer than the greatest age.
    package func next(of shard: ShardID) async {
        let since = monotonic()
        await withCheckedContinuation { continuation in
            let waits = parts.withLock { parts in
                guard parts[Int(shard.rawValue)].waiters.count < Self.waitersMax else { return false }
                parts[Int(shard.rawValue)].waiters.append((since, continuation))
                return true
            }
            if !waits { continuation.resume() }
        }
    }

    // MARK: - One question

    private func begin(_ shard: ShardID) -> Bool {
        parts.withLock { parts in
            guard parts[Int(shard.rawValue)].questions < Self.questionsMax else { return false }
            parts[Int(shard.rawValue)].questions += 1
            return true
        }
    }

    private func ask(_ shard: ShardID) async {
        defer { parts.withLock { $0[Int(shard.rawValue)].questions -= 1 } }
        let asked = monotonic()
        guard let index = try? await follower.shards[shard].journalBarrier() else { return }
        await follower.catchUp(to: index, of: shard)
        let ready = parts.withLock { parts in
            let place = Int(shard.rawValue)
            parts[place].asked = max(parts[place].asked ?? .min, asked)
            if let oldest = parts.map({ $0.asked ?? .min }).min(), oldest > .min {
                end.store(oldest + age, ordering: .releasing)
            }
            return parts[place].takeWaiters(since: asked)
        }
        for waiter in ready { waiter.resume() }
    }

    /// Lets those go on that have waited for too long.
    private func giveUp() { giveUp(since: monotonic() - age) }

    private func giveUp(since moment: Int64) {
        let late = parts.withLock { parts in parts.indices.flatMap { parts[$0].takeWaiters(since: moment) } }
        for waiter in late { waiter.resume() }
    }
}
