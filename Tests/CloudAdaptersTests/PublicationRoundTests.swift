import Testing

@testable import CloudAdapters

@Suite("The batches between two pauses") struct PublicationRoundTests {
    private static let failed = ["throttled", "throttled"] as [String?]

    @Test("go on while some of each is taken, and are never more than the limit")
    func open() {
        var round = PublicationRound()
        for _ in 0..<PublicationRound.batchesUnderWayMax { round.begin() }
        #expect(!round.isOpen && !round.isOver)
        round.ended([nil, "throttled"])
        #expect(round.isOpen && round.hasTold)
    }

    @Test("end with one pause for all of them, when one has failed as a whole and the others have ended")
    func over() {
        var round = PublicationRound()
        for _ in 0..<3 { round.begin() }
        round.ended(Self.failed)
        #expect(!round.isOpen && !round.isOver)
        round.ended([nil])
        round.ended(Self.failed)
        #expect(round.isOver && round.hasTold && round.failure == "throttled")
    }

    @Test("say that the bus takes nothing only when it took nothing of any")
    func nothing() {
        var round = PublicationRound()
        round.begin()
        round.ended(Self.failed)
        #expect(round.isOver && !round.hasTold)
    }
}
