import Foundation
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

    @Test("what is being made when it ends early has been made when it returns, and nothing is any more")
    func takingFails() {
        let made = Atomic<Int>(0)
        let isFailing = Atomic<Bool>(false)
        let isMade = Atomic<Bool>(false)
        #expect(throws: Failure.self) {
            try ReadAhead.each(countMax: 1) { () -> Int? in
                let number = made.add(1, ordering: .relaxed).newValue
                guard number == 4 else { return number }
                while !isFailing.load(ordering: .relaxed) { sched_yield() }
                for _ in 0..<1_000 { sched_yield() }
                isMade.store(true, ordering: .relaxed)
                return number
            } take: { number in
                guard number == 3 else { return }
                while made.load(ordering: .relaxed) < 4 { sched_yield() }
                isFailing.store(true, ordering: .relaxed)
                throw Failure()
            }
        }
        #expect(isMade.load(ordering: .relaxed) && made.load(ordering: .relaxed) == 4)
    }
}
