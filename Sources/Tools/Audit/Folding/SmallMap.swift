/// Values by their keys, ascending, for the few that most stocks and orders have: one array, which is searched by
/// halves. A dictionary of one entry takes more memory, and more time to hash its key.
struct SmallMap<Key: Comparable & Sendable, Value: Sendable>: Sendable {
    typealias Element = (key: Key, value: Value)

    private var elements: [Element] = []

    subscript(key: Key) -> Value? {
        get {
            let (place, isThere) = find(key)
            return isThere ? elements[place].value : nil
        }
        set {
            let (place, isThere) = find(key)
            switch (newValue, isThere) {
            case (let value?, true): elements[place].value = value
            case (let value?, false): elements.insert((key, value), at: place)
            case (nil, true): elements.remove(at: place)
            case (nil, false): break
            }
        }
    }

    subscript(key: Key, default value: @autoclosure () -> Value) -> Value {
        get { self[key] ?? value() }
        _modify {
            let (place, isThere) = find(key)
            if !isThere { elements.insert((key, value()), at: place) }
            yield &elements[place].value
        }
    }

    /// Where the key is, or would be.
    private func find(_ key: Key) -> (place: Int, isThere: Bool) {
        var (low, high) = (0, elements.count)
        while low < high {
            let middle = (low + high) / 2
            if elements[middle].key < key { low = middle + 1 } else { high = middle }
        }
        return (low, low < elements.count && elements[low].key == key)
    }
}

extension SmallMap: RandomAccessCollection {
    var startIndex: Int { 0 }
    var endIndex: Int { elements.count }
    subscript(place: Int) -> Element { elements[place] }
}

extension SmallMap: Equatable where Value: Equatable {
    static func == (left: Self, right: Self) -> Bool {
        left.elements.elementsEqual(right.elements) { $0.key == $1.key && $0.value == $1.value } }
}
