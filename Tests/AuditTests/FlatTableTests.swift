import Commerce
import EventSourcing
import Testing

@testable import Audit

@Suite("A flat table") struct FlatTableTests {
    private struct Key: FlatTableKey {
        let number: Int
        /// The same for keys that differ: what the table says of them must not follow from it.
        var word: UInt64 { UInt64(number % 7) }
    }

    @Test("has what a dictionary has, whatever is added and removed")
    func agreesWithADictionary() {
        var (table, dictionary) = (FlatTable<Key, Int>(), [Key: Int]())
        var random: UInt64 = 1
        for step in 0..<20_000 {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let key = Key(number: Int(random >> 33) % 211)
            switch (random >> 60) % 6 {
            case 0: #expect(table.removeValue(for: key) == dictionary.removeValue(forKey: key))
            case 1:
                table[key] = nil
                dictionary[key] = nil
            case 2:
                table[key] = step
                dictionary[key] = step
            case 3: #expect(table.updateValue(step, for: key) == dictionary.updateValue(step, forKey: key))
            default:
                table[key, default: 7] += step
                dictionary[key, default: 7] += step
            }
            #expect(table[key] == dictionary[key])
            #expect(table.contains(key) == (dictionary[key] != nil))
            #expect(table.count == dictionary.count)
        }
        for number in 0..<211 { #expect(table[Key(number: number)] == dictionary[Key(number: number)]) }
        #expect(Dictionary(uniqueKeysWithValues: table.map { ($0.key, $0.value) }) == dictionary)
        table.filter { $0.value % 2 == 0 }
        dictionary = dictionary.filter { $0.value % 2 == 0 }
        for number in 0..<211 { #expect(table[Key(number: number)] == dictionary[Key(number: number)]) }
        #expect(table.count == dictionary.count)
    }

    @Test("hands out what came in its order, by place too")
    func keepsTheOrder() {
        var table = FlatTable<OrderID, Int>()
        let ids = (0..<1_000).map { OrderID(at: .zero, slot: Slot(0), random: $0 << 8) }
        for (number, id) in ids.enumerated() { table[id] = number }
        #expect(Array(table.keys) == ids)
        #expect(Array(table.values) == Array(0..<1_000))
        for (number, id) in ids.enumerated() { #expect(table.place(of: id) == number) }
        #expect(table.place(of: OrderID(at: .zero, slot: Slot(0), random: 1_000 << 8)) == nil)
        #expect(FlatTable<OrderID, Int>().place(of: ids[0]) == nil)
    }

    @Test("tells texts apart by all of their bytes")
    func words() {
        let codes = (0..<61).flatMap { length in
            ["A", "B"].map { String(repeating: "X", count: length) + $0 + String(repeating: "Y", count: 60 - length) }
        }
        #expect(Set(codes.map { SKU($0)!.word }).count == codes.count)
        #expect(SKU("A")!.word != SKU("AA")!.word)
        #expect(SKU("A")!.word == CatalogueSKU(SKU("A")!).word)
    }

    @Test("finds the word of an id in its byte form, whole or not")
    func encodedWords() {
        func check<ID: AggregateID & EncodedFlatTableKey>(_ id: ID) {
            var bytes: [UInt8] = [7]
            id.encode(into: &bytes)
            #expect(ID.word(ofEncoded: bytes[1...]) == id.word)
            for end in 1..<bytes.count { _ = ID.word(ofEncoded: bytes[1..<end]) }
        }
        for number in 0..<100 as Range<UInt64> {
            check(OrderID(at: Sample.noon, slot: Slot(5), random: number << 40 | 77))
            check(Sample.key(UInt8(number)))
            check(SKU(String(repeating: "S", count: Int(number % 40)) + "\(number)")!)
            check(CatalogueSKU(Sample.near))
        }
    }
}
