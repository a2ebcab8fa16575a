/// What a `FlatTable` finds its values by.
protocol FlatTableKey: Hashable, Sendable {
    /// Bits that tell keys apart. They need not be spread over the word, and a part of a key that is random is enough.
    var word: UInt64 { get }
}

/// Values by their keys, for millions of them of which each record asks for some.
///
/// A dictionary hashes each key in many rounds, moves all keys and values when it grows, and scatters what came
/// together. Here a hash is one multiplication, and keys and values lie behind each other in the order in which they
/// came; the last of them takes the place of one that is removed. Found they are by open addressing, with linear
/// probing.
struct FlatTable<Key: FlatTableKey, Value: Sendable>: Sendable {
    typealias Element = (key: Key, value: Value)

    private var elements: ContiguousArray<Element> = []
    /// A quarter more than elements at least, a power of two. Each has the hash of an element and its place, counted
    /// from 1; or is 0.
    private var slots: ContiguousArray<UInt64> = []
    /// Of this process, so that nobody can choose keys that all fall together.
    private let seed = UInt64(truncatingIfNeeded: 0x2545_f491_4f6c_dd1d.hashValue)

    init() {}

    var count: Int { elements.count }
    var isEmpty: Bool { elements.isEmpty }
    var keys: some Sequence<Key> { elements.lazy.map(\.key) }
    var values: some Sequence<Value> { elements.lazy.map(\.value) }

    // MARK: - By place

    /// Where an element is, until one is removed; nil when there is none.
    func place(of key: Key) -> Int? { slot(of: key, hash(key)).map { place(in: slots[$0]) } }

    subscript(at place: Int) -> Value {
        get { elements[place].value }
        _modify { yield &elements[place].value }
    }

    /// Adds what is not there.
    mutating func append(_ value: Value, for key: Key) {
        if 5 * (elements.count + 1) > 4 * slots.count { grow() }
        elements.append((key, value))
        link(hash(key), elements.count - 1)
    }

    // MARK: - By key

    func contains(_ key: Key) -> Bool { slot(of: key, hash(key)) != nil }

    subscript(key: Key) -> Value? {
        get { place(of: key).map { elements[$0].value } }
        set {
            guard let newValue else {
                removeValue(for: key)
                return
            }
            if let place = place(of: key) { elements[place].value = newValue } else { append(newValue, for: key) }
        }
    }

    subscript(key: Key, default value: @autoclosure () -> Value) -> Value {
        get { self[key] ?? value() }
        _modify {
            let known = place(of: key)
            if known == nil { append(value(), for: key) }
            yield &elements[known ?? elements.count - 1].value
        }
    }

    /// - Returns: the value that was there.
    @discardableResult
    mutating func updateValue(_ value: Value, for key: Key) -> Value? {
        guard let place = place(of: key) else {
            append(value, for: key)
            return nil
        }
        return exchange(&elements[place].value, with: value)
    }

    /// - Returns: the value that was there.
    @discardableResult
    mutating func removeValue(for key: Key) -> Value? {
        guard let slot = slot(of: key, hash(key)) else { return nil }
        let (place, last) = (place(in: slots[slot]), elements.count - 1)
        clear(slot)
        if place < last, let moved = self.slot(of: elements[last].key, hash(elements[last].key)) {
            slots[moved] = Self.entry(hash(in: slots[moved]), place)
            elements.swapAt(place, last)
        }
        return elements.removeLast().value
    }

    /// Keeps those alone that are asked for, in their order.
    mutating func filter(_ isKept: (Element) -> Bool) {
        let kept = elements.filter(isKept)
        self = FlatTable()
        for element in kept { append(element.value, for: element.key) }
    }

    // MARK: - Looking ahead

    /// Looks into the slot where the search for the key with this word begins: it is then at hand when the key is asked
    /// for. The processor waits for several such looks at a time, and for those of a search one after the other.
    func slotAhead(of word: UInt64) -> UInt64 { slots.isEmpty ? 0 : slots[home(of: hash(of: word))] }

    /// Looks at the element of that slot, once the slot is at hand.
    func elementAhead(of word: UInt64) -> UInt64 {
        let entry = slotAhead(of: word)
        guard entry != 0 else { return 0 }
        return elements.withUnsafeBufferPointer { elements in
            let element = UnsafeRawPointer(elements.baseAddress! + place(in: entry))
            let last = MemoryLayout<Element>.size - 1
            return UInt64(element.load(as: UInt8.self)) + UInt64(element.load(fromByteOffset: last, as: UInt8.self))
        }
    }

    // MARK: - Slots

    private func hash(_ key: Key) -> UInt32 { hash(of: key.word) }

    private func hash(of word: UInt64) -> UInt32 {
        let product = (word ^ seed).multipliedFullWidth(by: 0x9e37_79b9_7f4a_7c15)
        let mixed = product.high ^ product.low
        return UInt32(truncatingIfNeeded: mixed ^ mixed >> 32)
    }

    private static func entry(_ hash: UInt32, _ place: Int) -> UInt64 { UInt64(hash) << 32 | UInt64(place + 1) }
    private func hash(in entry: UInt64) -> UInt32 { UInt32(entry >> 32) }
    private func place(in entry: UInt64) -> Int { Int(UInt32(truncatingIfNeeded: entry)) - 1 }
    private func home(of hash: UInt32) -> Int { Int(hash) & (slots.count - 1) }
    private func next(_ slot: Int) -> Int { (slot + 1) & (slots.count - 1) }

    private func slot(of key: Key, _ hash: UInt32) -> Int? {
        guard !slots.isEmpty else { return nil }
        var slot = home(of: hash)
        while slots[slot] != 0 {
            let entry = slots[slot]
            if self.hash(in: entry) == hash, elements[place(in: entry)].key == key { return slot }
            slot = next(slot)
        }
        return nil
    }

    private mutating func link(_ hash: UInt32, _ place: Int) {
        var slot = home(of: hash)
        while slots[slot] != 0 { slot = next(slot) }
        slots[slot] = Self.entry(hash, place)
    }

    /// Empties a slot, and moves those behind it that would not be found across the gap.
    private mutating func clear(_ slot: Int) {
        var (gap, slot) = (slot, next(slot))
        while slots[slot] != 0 {
            let home = home(of: hash(in: slots[slot]))
            // How far they are from where the search for this one begins, around the end.
            if (slot - home) & (slots.count - 1) >= (slot - gap) & (slots.count - 1) {
                slots[gap] = slots[slot]
                gap = slot
            }
            slot = next(slot)
        }
        slots[gap] = 0
    }

    private mutating func grow() {
        let known = slots
        slots = ContiguousArray(repeating: 0, count: Swift.max(16, 2 * known.count))
        for entry in known where entry != 0 { link(hash(in: entry), place(in: entry)) }
    }
}

extension FlatTable: Sequence {
    func makeIterator() -> ContiguousArray<Element>.Iterator { elements.makeIterator() }
    var underestimatedCount: Int { count }
}
