import Accounts
import ActorSystem
import Checkout
import Commerce
import EventSourcing
import Synchronization

@testable import Gateway

/// Another node of the shop that leads nothing: it has the same logs, and asks the first node what only a leader can
/// answer. Its logs can be held back, as if it were slow.
struct OtherNode: Sendable {
    let shards: ShardMap
    let lag: Lag

    /// How far a node's logs are known to be committed.
    final class Lag: Sendable {
        private let limits = Mutex<[ShardID: LogIndex]>([:])

        /// The log of `shard` ends there for this node.
        func hold(_ shard: ShardID, at index: LogIndex) { limits.withLock { $0[shard] = index } }
        func letGo() { limits.withLock { $0 = [:] } }
        func limit(of shard: ShardID) -> LogIndex? { limits.withLock { $0[shard] } }
    }

    init(of fixture: ShopFixture) {
        let lag = Lag()
        self.lag = lag
        let first = fixture.shop.shards
        let route = Route(shards: first)
        shards = ShardMap(
            first.shards.map { shard in
                Shard(
                    id: shard.id, of: first.shards.count, journal: FollowingJournal(shard.journal, shard.id, lag),
                    states: NoStates(), kinds: OwnedKind.all, route: route
                ) { fatalError("\($0)") }
            })
    }

    private struct Route: ShardRoute {
        let shards: ShardMap
        private let steps = StepTable(AccountSteps.all)

        init(shards: ShardMap) { self.shards = shards }

        func run(_ call: [UInt8], on shard: ShardID) async throws(ExecutionFailure) -> [UInt8] {
            do throws(StepFailure) {
                return try await steps.take(call, in: shards, at: ShopFixture.now())
            } catch {
                guard case .notTaken(let failure) = error else { throw .outcomeUnknown }
                throw failure
            }
        }

        func didNotUnderstand(_ failure: MalformedBytes, of call: StepNumber) { fatalError("\(failure)") }
    }
}

/// The log of a node that leads, as one that follows it has it.
private struct FollowingJournal: Journal {
    private let journal: any Journal
    private let shard: ShardID
    private let lag: OtherNode.Lag

    init(_ journal: any Journal, _ shard: ShardID, _ lag: OtherNode.Lag) {
        self.journal = journal
        self.shard = shard
        self.lag = lag
    }

    var committed: LogIndex { lag.limit(of: shard).map { min($0, journal.committed) } ?? journal.committed }
    var standing: Standing { Standing(committed: committed, leadership: nil) }
    var first: LogIndex { journal.first }
    /// It saves nothing, and begins with the first record.
    var checkpoint: LogIndex { .zero }
    var flushedGeneration: UInt64 { 0 }

    func propose(_ record: [UInt8], at time: Timestamp, in term: UInt64) throws(JournalRefusal) -> LogIndex {
        throw .closed
    }
    func commitment(of index: LogIndex) async throws(CommitmentUnknown) { throw CommitmentUnknown() }
    func confirmation(of decision: Decision) async throws(CommitmentUnknown) { throw CommitmentUnknown() }

    /// Comes once this node has what the leader had.
    func readBarrier() async throws(CommitmentUnknown) -> LogIndex {
        let index = try await journal.readBarrier()
        while committed < index {
            do { try await Task.sleep(for: .milliseconds(5)) } catch { throw CommitmentUnknown() }
        }
        return index
    }

    func commits() -> AsyncStream<LogIndex> { journal.commits() }
    func checkpoint(_ changes: StateChanges, through checkpoint: LogIndex) -> UInt64 { 0 }
    func release(through index: LogIndex) {}

    func records(from first: LogIndex, countMax: Int, bytesMax: Int) throws -> [JournalRecord] {
        let end = committed
        return try journal.records(from: first, countMax: countMax, bytesMax: bytesMax).filter { $0.index <= end }
    }
}

private struct NoStates: StateStore {
    func value(forKey key: [UInt8]) -> [UInt8]? { nil }
    func rows(from lower: [UInt8], upTo upper: [UInt8], reversed: Bool, limit: Int) -> [StateRow] { [] }
}
