import EventSourcing
import JournalTesting
import Testing

@testable import ActorSystem

/// A snapshot replaces a shard's states and its log in one write; the journal reports it a moment after it is on the
/// disk.
@Suite struct ReplacementTests {
    private let journal = MemoryJournal()
    private let other = MemoryJournal()

    /// A shard that has none of its four committed records yet, on a disk where nine of another node replaced them.
    private func overtaken() async throws -> Shard {
        let (writer, source) = (Shard.ofShelves(journal), Shard.ofShelves(other))
        for _ in 0..<4 { try await writer.command(1, .add(1)) }
        for _ in 0..<9 { try await source.command(1, .add(1)) }
        await source.saveAll()
        let shard = Shard.ofShelves(journal)
        journal.lead(nil)
        journal.beginReplacement(with: other)
        return shard
    }

    private func requireStartedOver(_ shard: Shard) async throws {
        journal.endReplacement()
        journal.lead(Leadership(term: 2, first: journal.committed))
        #expect(try await shard.shelf(1).state.units == 9)
    }

    @Test("A shard that follows while its log is replaced waits, and starts over from the new states")
    func following() async throws {
        let shard = try await overtaken()
        await shard.follow(through: journal.committed)
        #expect(await shard.settled == .zero)
        try await requireStartedOver(shard)
    }

    @Test("A shard that is rebuilt while its log is replaced starts over from the new states")
    func recovering() async throws {
        let shard = try await overtaken()
        #expect(try await shard.recover() == 0)
        try await requireStartedOver(shard)
    }
}
