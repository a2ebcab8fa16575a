import ActorSystem
import EventSourcing
import JournalTesting
import Logging
import Synchronization
import Testing

@testable import Checkout

@Suite(.timeLimit(.minutes(10))) struct LeaderDutiesTests {
    /// Counts who is at it, and fails as often as it is told to.
    private final class Duty: LeaderDuty {
        struct Work {
            var begun = 0
            var underWay = 0
            var failures = 0
        }
        let work = Mutex(Work())

        func perform(on shard: Shard) async throws {
            let fails = work.withLock { work in
                work.begun += 1
                work.underWay += 1
                work.failures -= 1
                return work.failures >= 0
            }
            defer { work.withLock { $0.underWay -= 1 } }
            if fails { throw ExecutionFailure.outcomeUnknown }
            while !Task.isCancelled { await Task.yield() }
        }

        func reached(_ condition: (Work) -> Bool) async {
            while !work.withLock({ condition($0) }) { await Task.yield() }
        }
    }

    private func running(_ duty: Duty, _ body: (MemoryJournal, LeaderDuties) async throws -> Void) async throws {
        let journal = MemoryJournal()
        journal.lead(nil)
        let shard = Shard(
            id: ShardID(0), journal: journal, states: journal, kinds: [], failStop: { fatalError("\($0)") })
        let logger = Logger(label: "duties", factory: { _ in SwiftLogNoOpLogHandler() })
        let duties = LeaderDuties([duty], of: ShardMap([shard]), logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await duties.attend() }
            try await body(journal, duties)
            group.cancelAll()
            try await group.waitForAll()
        }
        #expect(duty.work.withLock(\.underWay) == 0)
    }

    private func leadership(_ term: UInt64) -> Leadership { Leadership(term: term, first: .zero) }

    @Test("Duties begin and end with the leadership, and begin again with the next one")
    func leading() async throws {
        let duty = Duty()
        try await running(duty) { journal, duties in
            duties.partChanged(of: ShardID(0))
            for _ in 0..<100 { await Task.yield() }
            #expect(duty.work.withLock(\.begun) == 0)
            journal.lead(leadership(2))
            await duty.reached { $0.underWay == 1 }
            journal.lead(nil)
            duties.partChanged(of: ShardID(0))
            await duty.reached { $0.underWay == 0 }
            journal.lead(leadership(4))
            await duty.reached { $0.begun == 2 && $0.underWay == 1 }
            // Led without a break, and in another term all the same.
            journal.lead(leadership(5))
            duties.partChanged(of: ShardID(0))
            await duty.reached { $0.begun == 3 && $0.underWay == 1 }
        }
        #expect(duty.work.withLock(\.begun) == 3)
    }

    @Test("A duty that was refused begins again")
    func refused() async throws {
        let duty = Duty()
        duty.work.withLock { $0.failures = 2 }
        try await running(duty) { journal, duties in
            journal.lead(leadership(2))
            await duty.reached { $0.begun == 3 && $0.underWay == 1 }
        }
    }
}
