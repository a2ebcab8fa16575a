/// A change to the `state` database: `value` nil deletes.
public struct StateChange: Sendable {
    public let key: [UInt8]
    public let value: [UInt8]?
    public init(key: [UInt8], value: [UInt8]?) {
        self.key = key
        self.value = value
    }
}

/// Changes to the `state` database in their order, one behind the other in one buffer: what a few orders change is not
/// taken apart into dozens of arrays.
///
///     { bytes of the key (4), bytes of the value (4) or all ones for a deletion, key, value }
public struct StateChanges: Sendable {
    private var bytes: [UInt8] = []
    public private(set) var count = 0

    private static let headBytes = 8
    private static let deletion = UInt32.max

    public init() {}

    public init(_ changes: some Sequence<StateChange>) {
        for change in changes {
            if let value = change.value {
                set({ $0 += change.key }, to: { $0 += value })
            } else {
                delete { $0 += change.key }
            }
        }
    }

    public var isEmpty: Bool { count == 0 }
    /// What they take in memory, about.
    public var byteCount: Int { bytes.count }

    /// Sets a row. Both closures append to the bytes that they are given.
    public mutating func set(_ key: (inout [UInt8]) -> Void, to value: (inout [UInt8]) -> Void = { _ in }) {
        let head = begin(key)
        let start = bytes.count
        value(&bytes)
        write(UInt32(bytes.count - start), at: head + 4)
    }

    /// Deletes a row. `key` appends to the bytes that it is given.
    public mutating func delete(_ key: (inout [UInt8]) -> Void) {
        let head = begin(key)
        write(Self.deletion, at: head + 4)
    }

    public mutating func append(_ other: StateChanges) {
        bytes += other.bytes
        count += other.count
    }

    private mutating func begin(_ key: (inout [UInt8]) -> Void) -> Int {
        count += 1
        let head = bytes.count
        withUnsafeBytes(of: UInt64.zero) { bytes.append(contentsOf: $0) }
        key(&bytes)
        write(UInt32(bytes.count - head - Self.headBytes), at: head)
        return head
    }

    private mutating func write(_ number: UInt32, at place: Int) {
        bytes.withUnsafeMutableBytes { $0.storeBytes(of: number, toByteOffset: place, as: UInt32.self) }
    }

    /// Hands each change to `body` as it lies here: valid until that returns. `value` is nil for a deletion.
    public func visit<Failure>(
        _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer?) throws(Failure) -> Void
    ) throws(Failure) {
        try bytes.withUnsafeBufferPointer { bytes throws(Failure) in
            var rest = UnsafeRawBufferPointer(bytes)[...]
            while !rest.isEmpty {
                let head = UnsafeRawBufferPointer(rebasing: rest)
                let keyBytes = Int(head.loadUnaligned(as: UInt32.self))
                let valueBytes = head.loadUnaligned(fromByteOffset: 4, as: UInt32.self)
                let key = rest.dropFirst(Self.headBytes).prefix(keyBytes)
                let isDeletion = valueBytes == Self.deletion
                let value = rest[key.endIndex...].prefix(isDeletion ? 0 : Int(valueBytes))
                try body(
                    UnsafeRawBufferPointer(rebasing: key), isDeletion ? nil : UnsafeRawBufferPointer(rebasing: value))
                rest = rest[value.endIndex...]
            }
        }
    }

    /// Each change by itself.
    public var all: [StateChange] {
        var all: [StateChange] = []
        visit { all.append(StateChange(key: [UInt8]($0), value: $1.map { [UInt8]($0) })) }
        return all
    }
}

extension StateChanges: ExpressibleByArrayLiteral {
    public init(arrayLiteral changes: StateChange...) { self.init(changes) }
}
