import EventSourcing
import Testing

@testable import CloudAdapters

@Suite("What is to be told to an event bus") struct PublicationQueueTests {
    private func entry(_ subject: Int, _ detail: String) -> EventEntry {
        EventEntry(subject: "\(subject)", type: "T", detail: detail, time: .zero)
    }

    @Test(
        "is told whole, in order for each subject, in batches of the service's size, whatever fails",
        arguments: 0..<200)
    func random(seed: UInt64) {
        var generator = Draw(state: seed)
        let entries = (0..<Int.random(in: 0..<120, using: &generator)).map { number in
            let length = Bool.random(using: &generator) ? 10 : Int.random(in: 0...(200 << 10), using: &generator)
            return entry(
                Int.random(in: 0..<12, using: &generator), "\(number) " + String(repeating: "x", count: length))
        }
        var queue = PublicationQueue(entries)
        var underWay: [PublicationQueue.Batch] = []
        var told: [EventEntry] = []
        while true {
            if underWay.count < 4, let batch = queue.nextBatch() {
                #expect((1...10).contains(batch.entries.count))
                #expect(batch.entries.reduce(0) { $0 + $1.size } <= EventEntry.bytesMax)
                underWay.append(batch)
                continue
            }
            guard !underWay.isEmpty else { break }
            let batch = underWay.remove(at: Int.random(in: underWay.indices, using: &generator))
            let isTold = batch.entries.map { _ in Int.random(in: 0..<3, using: &generator) > 0 }
            told += zip(batch.entries, isTold).filter(\.1).map(\.0)
            queue.ended(batch, isTold: isTold)
        }
        #expect(queue.isEmpty && told.count == entries.count)
        for subject in Set(entries.map(\.subject)) {
            #expect(told.filter { $0.subject == subject } == entries.filter { $0.subject == subject })
        }
    }

    @Test("waits for the oldest event of a subject, and for no other subject's")
    func waiting() throws {
        var queue = PublicationQueue([entry(1, "a"), entry(1, "b"), entry(2, "c")])
        func next() throws -> PublicationQueue.Batch {
            let batch = queue.nextBatch()
            return try #require(batch)
        }
        let first = try next()
        #expect(first.entries.map(\.detail) == ["a", "c"])
        let early = queue.nextBatch()
        #expect(early == nil)
        queue.ended(first, isTold: [false, true])
        let second = try next()
        #expect(second.entries.map(\.detail) == ["a"])
        queue.ended(second, isTold: [true])
        #expect(try next().entries.map(\.detail) == ["b"])
    }
}

/// The generator of Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014.
struct Draw: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
