/// One of 4,096 routing slots. An id carries its slot; the cluster maps slots to shards.
public struct Slot: Hashable, Sendable {
    public static let count: UInt16 = 4_096
    public let rawValue: UInt16

    public init(_ rawValue: UInt16) {
        precondition(rawValue < Self.count, "a slot is below \(Self.count)")
        self.rawValue = rawValue
    }

    /// The slot of a natural key, such as a SKU: FNV-1a over its UTF-8, folded to 12 bits.
    ///
    /// Source: Fowler, Noll, Vo, 64-bit FNV-1a with xor-folding. The function is part of the data format.
    public init(hashing key: some StringProtocol) {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in key.utf8 {
            hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
        }
        var folded = hash ^ (hash >> 32)
        folded ^= folded >> 16
        folded ^= folded >> 12
        self.rawValue = UInt16(truncatingIfNeeded: folded) & (Self.count - 1)
    }

    /// The shard that owns this slot in a cluster of `shards` shards.
    public func shard(of shards: Int) -> ShardID {
        ShardID(UInt16(Int(rawValue) % shards))
    }
}

/// One ordered log and the aggregates that live on it. Shard 0 also owns the catalogue.
public struct ShardID: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let rawValue: UInt16
    public init(_ rawValue: UInt16) { self.rawValue = rawValue }
    public static let catalogue = ShardID(0)
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    public var description: String { String(rawValue) }
}
