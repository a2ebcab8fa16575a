extension BinaryInteger {
    /// The number with its noun, for people: `1 shard`, `2 shards`.
    public func counted(_ noun: String) -> String { "\(self) \(noun)\(self == 1 ? "" : "s")" }
}
