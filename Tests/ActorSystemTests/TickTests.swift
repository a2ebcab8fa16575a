import JournalTesting
import Testing

@testable import ActorSystem

@Suite("A tick") struct TickTests {
    @Test("lets the others have their turn after each slice of what it saves and lets go")
    func givesWay() async throws {
        let journal = MemoryJournal()
        let shard = Shard.ofShelves(journal) { ($0.ownersPerStepMax, $0.residentsMax) = (1, 1_000) }
        _ = try await shard.execute(at: .zero) { batch throws(Shelf.Refusal) in
            for number in 1...200 as ClosedRange<UInt32> { try batch.decide(Shelf.self, Shelf.ID(number), .add(1)) }
        }.get()
        let seen = await withTaskGroup(of: Set<[Int]>.self) { group in
            group.addTask {
                while await shard.residentCount > 0 { await shard.lookAfterItself() }
                return []
            }
            group.addTask {
                var seen: Set<[Int]> = []
                while true {
                    let residents = await shard.residentCount
                    guard residents > 0 else { return seen }
                    seen.insert([residents, journal.rowCount])
                }
            }
            return await group.reduce(into: Set<[Int]>()) { $0.formUnion($1) }
        }
        #expect(Set(seen.map { $0[0] }).count > 10, "\(seen)")
        #expect(Set(seen.map { $0[1] }).count > 10, "\(seen)")
    }
}
