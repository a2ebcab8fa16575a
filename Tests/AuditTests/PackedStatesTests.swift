import Testing

@testable import Audit

@Suite("Packed states") struct PackedStatesTests {
    private func bytes(_ count: Int, _ first: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: first &+ $0) }
    }

    @Test("are what was kept, however often others take their places")
    func areKept() {
        var (packed, places, expected) = (PackedStates(), [PackedStates.Place](), [[UInt8]]())
        for number in 0..<500 {
            expected.append(bytes(number * 37 % 211, number))
            places.append(packed.keep(expected[number]))
        }
        for round in 1..<20 {
            for number in stride(from: round, to: 500, by: round) {
                expected[number] = bytes(number * 37 * round % 307, number ^ round)
                places[number] = packed.keep(expected[number], insteadOf: places[number])
            }
            for number in 0..<500 { #expect(packed[places[number]].elementsEqual(expected[number])) }
        }
    }

    @Test("get another end, as long or longer or shorter")
    func otherEnds() {
        var packed = PackedStates()
        let before = packed.keep([1, 2])
        var place = packed.keep([3, 4, 5])
        let behind = packed.keep([6, 7])
        for (count, end) in [(1, [9]), (1, [10, 11]), (2, [12]), (1, [13])] as [(Int, [UInt8])] {
            place = packed.replaceEnd(of: place, count, with: end)
            #expect(packed[place].elementsEqual([3, 4] + end))
            #expect(packed[before].elementsEqual([1, 2]) && packed[behind].elementsEqual([6, 7]))
        }
    }

    @Test("are the same bytes only if all of them are")
    func sameBytes() {
        var packed = PackedStates()
        for count in 0..<40 {
            let kept = bytes(count, 3)
            let place = packed.keep(kept)
            #expect(packed.has(([1] + kept)[1...], at: place))
            #expect(!packed.has((kept + [0])[...], at: place))
            for position in 0..<count {
                var other = kept
                other[position] ^= 1
                #expect(!packed.has(other[...], at: place))
            }
        }
    }

    @Test("are mostly lost once more of their bytes are asked for no more than are")
    func areLost() {
        var packed = PackedStates()
        let places = (0..<40).map { packed.keep(bytes(100_000, $0)) }
        for place in places[..<20] { packed.lose(place) }
        #expect(!packed.isMostlyLost)
        packed.lose(places[20])
        #expect(packed.isMostlyLost)
    }
}
