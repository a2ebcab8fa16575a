import EventSourcing
import JournalTesting
import Testing
import Wire

@testable import ActorSystem

/// Puts units on a shelf and takes some off it again.
private struct Fill: ShardStep {
    let shelf: UInt32
    let added: UInt8
    let taken: UInt8

    static let number = StepNumber(rawValue: 7)
    var slot: Slot { Shelf.ID(shelf).slot }

    init(_ shelf: UInt32, adding added: UInt8, taking taken: UInt8 = 0) {
        (self.shelf, self.added, self.taken) = (shelf, added, taken)
    }

    func run(in batch: Batch) throws(TooFew) -> Left {
        do throws(Shelf.Refusal) {
            try batch.decide(Shelf.self, Shelf.ID(shelf), .add(Int(added)))
            if taken > 0 { try batch.decide(Shelf.self, Shelf.ID(shelf), .take(Int(taken))) }
        } catch { throw TooFew() }
        return Left(units: UInt8(batch.read(Shelf.self, Shelf.ID(shelf)).state.units))
    }

    func encode(into bytes: inout [UInt8]) { bytes += [UInt8(shelf), added, taken] }
    init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        guard bytes.count == 3 else { throw MalformedBytes("not three bytes", at: 0) }
        let bytes = Array(bytes)
        self.init(UInt32(bytes[0]), adding: bytes[1], taking: bytes[2])
    }
}

private struct Left: WireCodable, Equatable {
    let units: UInt8
    func encode(into bytes: inout [UInt8]) { bytes.append(units) }
    init(units: UInt8) { self.units = units }
    init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        guard let units = bytes.first, bytes.count == 1 else { throw MalformedBytes("not one byte", at: 0) }
        self.units = units
    }
}

private struct TooFew: Error, WireCodable, Equatable {
    init() {}
    func encode(into bytes: inout [UInt8]) {}
    init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {
        guard bytes.isEmpty else { throw MalformedBytes("not empty", at: 0) }
    }
}

/// Needs no step.
private struct Greet: ShardProcedure {
    typealias Answer = Done
    typealias Refusal = Never

    static let number = StepNumber(rawValue: 8)
    var slot: Slot { Shelf.ID(1).slot }

    init() {}
    func encode(into bytes: inout [UInt8]) {}
    init(decoding bytes: ArraySlice<UInt8>) throws(MalformedBytes) {}
}

@Suite("A procedure") struct ProcedureTests {
    @Test("is performed where its home is led, and is passed on no further")
    func home() async throws {
        let journal = MemoryJournal()
        let shards = ShardMap([Shard.ofShelves(journal)])
        let table = StepTable([
            .procedure(Greet.self) { _, _ async throws(ExecutionFailure) in .success(Done()) }
        ])
        let call = StepCall(Greet(), by: nil).encoded()
        let reply = try StepReply(decoding: try await table.take(call, in: shards, at: .zero)[...])
        #expect(try reply.result(of: Greet.self) == .success(Done()))
        journal.lead(nil)
        await #expect(throws: StepFailure.notTaken(.refused(.closed))) {
            try await table.take(call, in: shards, at: .zero)
        }
    }
}

@Suite("A step") struct StepTests {
    private let journal = MemoryJournal()
    private let table = StepTable([.step(Fill.self)])

    private func take(_ step: Fill, by actor: ActorID? = nil, on shards: ShardMap) async throws -> StepReply {
        try StepReply(decoding: try await table.take(StepCall(step, by: actor).encoded(), in: shards, at: .zero)[...])
    }

    @Test("is one record, and its refusal undoes all of it")
    func direct() async throws {
        let shards = ShardMap([Shard.ofShelves(journal)])
        #expect(try await shards.run(Fill(1, adding: 5, taking: 2), at: .zero) == .success(Left(units: 3)))
        #expect(journal.committed == LogIndex(1))
        #expect(try await shards.run(Fill(1, adding: 1, taking: 9), at: .zero) == .failure(TooFew()))
        #expect(try await shards.catalogue.shelf(1).state.units == 3)
    }

    @Test("does the same when it comes as bytes, in the name of the account that asked")
    func asBytes() async throws {
        let shards = ShardMap([Shard.ofShelves(journal)])
        let actor = ActorID(high: 1, low: 2)
        let answered = try await take(Fill(1, adding: 5, taking: 2), by: actor, on: shards).result(of: Fill.self)
        #expect(answered == .success(Left(units: 3)))
        let refused = try await take(Fill(1, adding: 1, taking: 9), on: shards).result(of: Fill.self)
        #expect(refused == .failure(TooFew()))
        let record = try #require(try journal.records(from: LogIndex(1), countMax: 9, bytesMax: .max).first)
        #expect(try RecordBody(record.bytes).actor == actor)
    }

    @Test("of an unknown number is refused before anything of it is decoded")
    func unknown() async throws {
        let shards = ShardMap([Shard.ofShelves(journal)])
        await #expect(throws: StepFailure.unknownStep(StepNumber(rawValue: 8))) {
            try await table.take([0, 8, 0, 1], in: shards, at: .zero)
        }
    }

    @Test("that cannot be read is refused")
    func malformed() async throws {
        let shards = ShardMap([Shard.ofShelves(journal)])
        let call = StepCall(Fill(1, adding: 5), by: ActorID(high: 1, low: 2)).encoded()
        for count in call.indices {
            await #expect(throws: StepFailure.self, "\(count) bytes") {
                try await table.take(Array(call.prefix(count)), in: shards, at: .zero)
            }
        }
        await #expect(throws: StepFailure.self) { try await table.take(call + [0], in: shards, at: .zero) }
        let long = call + [UInt8](repeating: 0, count: StepCall.bytesMax)
        await #expect(throws: StepFailure.self) { try await table.take(long, in: shards, at: .zero) }
        #expect(journal.committed == .zero)
    }
}
