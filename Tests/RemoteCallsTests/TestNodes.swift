import ActorSystem
import Commerce
import Consensus
import EventSourcing
import JournalTesting
import Logging
import Schema
import Synchronization

@testable import RemoteCalls

/// Three nodes with one shard, of which any may lead: each has a log of its own.
final class TestNodes: Sendable {
    let network = MemoryNetwork()
    let journals: [MemoryJournal]
    let calls: [RemoteCalls]
    let shards: [ShardMap]
    /// The leader as each node knows it.
    private let known: KnownLeaders

    init(
        commitsItself: Bool = true, limits: CallLimits = .ofTests, steps: [TakenStep] = [.step(Add.self)]
    ) {
        let known = KnownLeaders()
        let network = network
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        journals = (0..<3).map { _ in MemoryJournal(commitsItself: commitsItself) }
        calls = (UInt64(1)...3).map { number in
            let node = NodeID(number)
            return RemoteCalls(
                node: node, links: network.endpoint(node), limits: limits, logger: logger
            ) { _ in known.leader(as: node) }
        }
        shards = zip(journals, calls).map { journal, calls in
            ShardMap([
                Shard(
                    id: ShardID(0), journal: journal, states: journal, kinds: [.kind(Stock.self)],
                    route: calls.route, failStop: { fatalError("\($0)") })
            ])
        }
        self.known = known
        for journal in journals { journal.lead(nil) }
        let steps = StepTable(steps)
        for (calls, shards) in zip(calls, shards) { calls.serve(steps, shards: shards, clock: { .zero }) }
        connect()
    }

    func connect() {
        network.connect(NodeID(1), NodeID(2))
        network.connect(NodeID(1), NodeID(3))
        network.connect(NodeID(2), NodeID(3))
    }

    /// `node` leads, and all nodes know it but those that believe in another.
    func lead(_ node: UInt64, but other: [NodeID: NodeID?] = [:]) {
        known.set(NodeID(node), but: other)
        for (position, journal) in journals.enumerated() {
            journal.lead(UInt64(position) + 1 == node ? Leadership(term: 1, first: .zero) : nil)
        }
    }

    /// Carries calls while `body` runs.
    func running<Answer: Sendable>(
        _ body: (ShardMap) async throws -> Answer
    ) async throws -> Answer {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for calls in calls { group.addTask { await calls.run() } }
            defer { group.cancelAll() }
            return try await body(shards[0])
        }
    }
}

private final class KnownLeaders: Sendable {
    private let state = Mutex<(leader: NodeID?, but: [NodeID: NodeID?])>((nil, [:]))

    func leader(as node: NodeID) -> NodeID? {
        state.withLock { state in
            if let other = state.but[node] { return other }
            return state.leader
        }
    }

    func set(_ leader: NodeID?, but: [NodeID: NodeID?]) { state.withLock { $0 = (leader, but) } }
}

extension CallLimits {
    static var ofTests: CallLimits {
        var limits = CallLimits()
        limits.timeout = .seconds(120)
        limits.leaderWait = .seconds(60)
        limits.lookInterval = .milliseconds(2)
        limits.askOthersAfter = .milliseconds(5)
        return limits
    }
}

/// Waits until it is so.
func until(_ isSo: () async -> Bool) async {
    while await !isSo() { try? await Task.sleep(for: .milliseconds(1)) }
}
