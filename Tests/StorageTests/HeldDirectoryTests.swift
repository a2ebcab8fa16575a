import Consensus
import EventSourcing
import Testing

@testable import Storage

@Suite struct HeldDirectoryTests {
    private func bodies(_ held: HeldDirectory, from first: UInt64 = 1) throws -> [EntryIndex] {
        try held.entries(of: ShardID(0), from: EntryIndex(first), bytesMax: .max).map(\.index)
    }

    private func keys(_ held: HeldDirectory) throws -> [[UInt8]] {
        let rows = try held.rows(of: ShardID(0))
        var keys: [[UInt8]] = []
        while !rows.isAtEnd { keys += try rows.next(bytesMax: 1).rows.map(\.key) }
        return keys
    }

    @Test func whatIsHeldStaysAsItWasWhileTheNodeGoesOn() async throws {
        let directory = TemporaryDirectory()
        try await directory.withData { data in
            let journal = data.journals[0]
            try await journal.append([1])
            try await journal.append([2])
            _ = journal.checkpoint([StateChange(key: [1], value: [1])], through: LogIndex(2))
            try await journal.append([3])
            let held = try data.hold()
            let before = (bounds: held.bounds, entries: try bodies(held), keys: try keys(held))
            _ = journal.checkpoint(
                [StateChange(key: [1], value: nil), StateChange(key: [2], value: [2])], through: LogIndex(4))
            try await journal.append([4])
            #expect(held.bounds == before.bounds && before.bounds[0].end.index == before.entries.last)
            #expect(try bodies(held) == before.entries && before.entries.count == 4)
            #expect(try keys(held) == before.keys && before.keys == [[1]])
            let after = try data.hold()
            #expect(try bodies(after).count == 5 && keys(after) == [[2]])
            #expect(try bodies(after, from: 6) == [])
        }
    }
}
