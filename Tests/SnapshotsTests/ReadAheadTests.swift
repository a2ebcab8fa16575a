import Synchronization
import Testing

@testable import Snapshots

@Suite("Reading ahead") struct ReadAheadTests {
    private struct Failure: Error {}

    @Test("hands everything over in order, and makes no more ahead than it may")
    func inOrder() throws {
        let made = Atomic<Int>(0)
        var taken: [Int] = []
        try ReadAhead.each(countMax: 2) {
            let number = made.add(1, ordering: .relaxed).newValue
            return number <= 1_000 ? number : nil
        } take: { number in
            taken.append(number)
            #expect(made.load(ordering: .relaxed) <= number + 2)
        }
        #expect(taken == Array(1...1_000))
    }

    @Test("what cannot be made ends it behind what was made before")
    func makingFails() {
        let made = Atomic<Int>(0)
        var taken: [Int] = []
        #expect(throws: Failure.self) {
            try ReadAhead.each(countMax: 4) { () -> Int? in
                let number = made.add(1, ordering: .relaxed).newValue
                guard number < 3 else { throw Failure() }
                return number
            } take: {
                taken.append($0)
            }
        }
        #expect(taken == [1, 2])
    }

    @Test("nothing is made any more once it has ended early")
    func takingFails() {
        let made = Atomic<Int>(0)
        #expect(throws: Failure.self) {
            try ReadAhead.each(countMax: 1) { () -> Int? in made.add(1, ordering: .relaxed).newValue } take: { number in
                if number == 3 { throw Failure() }
            }
        }
        #expect((3...4).contains(made.load(ordering: .relaxed)))
    }
}
