import EventSourcing
import Foundation
import JournalTesting
import Storage
import Testing

@testable import ActorSystem

/// Random batches, commits, saves, crashes and readings on one side, the naive model on the other.
@Suite struct ShardFuzzTests {
    private static let first = UInt64.random(in: 0..<1 << 32)

    @Test(arguments: [1, 4])
    func aShardIsItsSequentialModelWhateverHappens(_ shards: Int) async throws {
        for seed in Self.first..<Self.first + 150 {
            for shard in 0..<shards {
                var run = Run(seed: seed &* 4 + UInt64(shard), shelves: 12 / UInt32(shards))
                let problem = try await run.findProblem(steps: 240 / shards)
                #expect(problem == nil, "seed \(seed &* 4 + UInt64(shard))")
                if problem != nil { return }
            }
        }
    }

    /// One shard, its model, and the dice.
    private struct Run {
        var random: SeededGenerator
        let shelves: UInt32
        var journal = MemoryJournal(commitsItself: false)
        var shard: Shard
        var model = ShelfModel()
        var now = Timestamp.zero

        init(seed: UInt64, shelves: UInt32) {
            random = SeededGenerator(seed: seed)
            self.shelves = shelves
            shard = Shard.ofShelves(journal)
        }

        /// - Returns: how the shard first differed from its model.
        mutating func findProblem(steps: Int) async throws -> String? {
            for step in 0..<steps {
                let problem: String?
                switch random.below(100) {
                case ..<60: problem = try await batch()
                case ..<72: problem = commit()
                case ..<82: (problem, _) = (nil, await shard.lookAfterItself())
                case ..<84: (problem, _) = (nil, await shard.saveAll())
                case ..<88: problem = try await crash()
                case ..<92: problem = try await differenceInStates()
                case ..<96: problem = try await differenceInLists()
                default: problem = try await differenceInHistories()
                }
                if let problem { return "step \(step): \(problem)" }
            }
            journal.commitAll()
            if let problem = try await differenceInStates() { return problem }
            if let problem = try await differenceInLists() { return problem }
            if let problem = try await differenceInHistories() { return problem }
            return try await crash()
        }

        private mutating func commit() -> String? {
            if random.below(2) == 0 {
                journal.commitAll()
            } else {
                journal.commit(through: LogIndex(journal.committed.rawValue + UInt64(random.below(4))))
            }
            return nil
        }

        private mutating func crash() async throws -> String? {
            model.crash(at: journal.committed)
            journal = journal.reopened(commitsItself: false)
            shard = Shard.ofShelves(journal)
            try await shard.recover()
            return try await differenceInStates()
        }

        private mutating func batch() async throws -> String? {
            now = now + .milliseconds(random.below(3_000))
            let commands: [(UInt32, Shelf.Command)] = (0...random.below(3)).map { _ in
                let command: Shelf.Command =
                    switch random.below(10) {
                    case ..<4: .add(random.below(5))
                    case ..<9: .take(1 + random.below(4))
                    default: .remind(random.below(2) == 0 ? nil : now + .seconds(random.below(20)))
                    }
                return (UInt32(random.below(Int(shelves))), command)
            }
            let moment = now
            let receipt = try await shard.perform(at: moment) { batch throws(Shelf.Refusal) -> [[Shelf.Event]] in
                var events: [[Shelf.Event]] = []
                for (number, command) in commands {
                    events.append(try batch.decide(Shelf.self, Shelf.ID(number), command))
                }
                return events
            }
            return check(receipt, of: commands)
        }

        /// Decides the same by the model.
        private mutating func check(
            _ receipt: Receipt<[[Shelf.Event]], Shelf.Refusal>, of commands: [(UInt32, Shelf.Command)]
        ) -> String? {
            var next = model
            var decided: [[Shelf.Event]] = []
            do throws(Shelf.Refusal) {
                for (number, command) in commands {
                    let events = try next.shelf(number).state.decide(command, at: now)
                    next.changes += events.map { .init(index: receipt.decision.restsOn, number: number, event: $0) }
                    decided.append(events)
                }
            } catch {
                guard case .failure(error) = receipt.answer else { return "\(receipt.answer) instead of \(error)" }
                let newest = model.changes.last { change in commands.contains { $0.0 == change.number } }
                // It rests on the newest change that it may have seen, or on a committed one.
                guard receipt.decision.restsOn <= max(newest?.index ?? .zero, journal.committed) else {
                    return "a refusal rests on \(receipt.decision.restsOn)"
                }
                return nil
            }
            model = next
            guard case .success(decided) = receipt.answer else { return "\(receipt.answer) instead of \(decided)" }
            return nil
        }

        private func differenceInStates() async throws -> String? {
            for number in 0..<shelves {
                let receipt: Receipt<Versioned<Shelf>, Never> = try await shard.perform(at: .zero) {
                    $0.read(Shelf.self, Shelf.ID(number))
                }
                let found = receipt.answer.get()
                let expected = model.shelf(number)
                if found.state != expected.state || found.version != expected.version {
                    return "\(found.state) at \(found.version) instead of \(expected)"
                }
                let last = model.changes.last { $0.number == number }?.index ?? .zero
                if last > journal.committed, receipt.decision.restsOn != last {
                    return "a read of \(last) rests on \(receipt.decision.restsOn)"
                }
            }
            return nil
        }

        private mutating func differenceInLists() async throws -> String? {
            for group in [[], [0], [1], [2]] as [[UInt8]] {
                let descending = random.below(2) == 0
                var found: [UInt32] = []
                var bound: Shelf.ID?
                while true {
                    let limit = 1 + random.below(4)
                    let page = await shard.list(
                        Shelf.self, group: group, beyond: bound, descending: descending, limit: limit)
                    found += page.map(\.number)
                    bound = page.last
                    if page.count < limit { break }
                    if random.below(3) == 0 { await shard.lookAfterItself() }
                }
                let members = model.members(through: journal.committed, group: group)
                if found != (descending ? members.reversed() : members) {
                    return "list \(group): \(found) instead of \(members)"
                }
            }
            return nil
        }

        private mutating func differenceInHistories() async throws -> String? {
            for number in 0..<shelves {
                var found: [HistoryRow] = []
                while true {
                    let limit = 1 + random.below(4)
                    let page = await shard.history(
                        Shelf.self, Shelf.ID(number), before: found.last?.version, limit: limit)
                    found += page
                    if page.count < limit { break }
                    if random.below(3) == 0 { await shard.lookAfterItself() }
                }
                let expected = model.history(of: number, through: journal.committed)
                let isSame = found.elementsEqual(expected) { row, expected in
                    row.version == expected.version && row.index == expected.index
                        && (try? Shelf.decodeEvent(row.event[...])) == expected.event
                }
                if !isSame {
                    return "history of \(number): \(found.map(\.version)) instead of \(expected.map(\.version))"
                }
            }
            return nil
        }
    }

    // MARK: - On the disk

    /// The same shop with one shard and with four, its process ended without saving now and then.
    @Test func oneShardAndFourEndInTheSameStateOnTheDisk() async throws {
        var totals: [[Int]] = []
        for shards in [1, 4] {
            let path = FileManager.default.temporaryDirectory.appending(path: "shard-tests-\(UUID().uuidString)").path
            defer { try? FileManager.default.removeItem(atPath: path) }
            for round in 0..<8 {
                let data = try DataDirectory(
                    path: path, shards: shards, creating: true,
                    options: .init(retention: .bytes(4_000), freeBytesMin: 0))
                defer { data.close() }
                totals.append(try await sell(on: data, round: round))
            }
        }
        #expect(totals[..<8] == totals[8...])
    }

    /// One round of selling, after a restart.
    ///
    /// - Returns: the units left on each shelf.
    private func sell(on data: DataDirectory, round: Int) async throws -> [Int] {
        var limits = ShardLimits()
        limits.saveLagRecords = 20
        limits.residentsMax = 5
        let shards = zip(data.journals, data.states).map { journal, states in
            Shard(
                id: journal.shard, journal: journal, states: states, kinds: [.kind(Shelf.self)], limits: limits,
                failStop: { fatalError("\($0)") })
        }
        for shard in shards { try await shard.recover() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<20 as Range<UInt32> {
                let shard = shards[Int(Shelf.ID(number).slot.shard(of: shards.count).rawValue)]
                group.addTask {
                    for step in 1...10 {
                        try await shard.command(number, .add(step), at: .seconds(Int64(round)))
                        _ = try? await shard.command(number, .take(Int(number) % 7 + step))
                        if step % 4 == 0 { await shard.lookAfterItself() }
                    }
                }
            }
            try await group.waitForAll()
        }
        for journal in data.journals { journal.release(through: journal.committed) }
        if round % 3 == 2 { for shard in shards { await shard.saveAll() } }
        var left: [Int] = []
        for number in 0..<20 as Range<UInt32> {
            let shard = shards[Int(Shelf.ID(number).slot.shard(of: shards.count).rawValue)]
            left.append(try await shard.shelf(number).state.units)
        }
        return left
    }
}
