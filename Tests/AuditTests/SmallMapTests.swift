import Testing

@testable import Audit

@Suite("A map of few entries")
struct SmallMapTests {
    @Test("has what a dictionary has, ascending by key")
    func agreesWithADictionary() {
        var (map, dictionary) = (SmallMap<Int, Int>(), [Int: Int]())
        for step in 0..<2_000 {
            let key = step &* 7_919 % 41
            switch step % 4 {
            case 0:
                map[key] = nil
                dictionary[key] = nil
            case 1:
                map[key] = step
                dictionary[key] = step
            default:
                map[key, default: 7] += step
                dictionary[key, default: 7] += step
            }
            #expect(map[key] == dictionary[key])
            #expect(map[key, default: -1] == dictionary[key, default: -1])
        }
        let expected = dictionary.sorted { $0.key < $1.key }
        #expect(map.map(\.key) == expected.map(\.key))
        #expect(map.map(\.value) == expected.map(\.value))
        var other = SmallMap<Int, Int>()
        for (key, value) in dictionary { other[key] = value }
        #expect(other == map)
        other[expected[0].key]! += 1
        #expect(other != map)
    }
}
