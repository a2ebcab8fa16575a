import ArgumentParser

extension NodeConfiguration {
    /// - Throws: `ValidationError` for a number of shards that no node serves.
    static func requireShards(_ count: Int) throws {
        guard shardsRange.contains(count) else {
            throw ValidationError("A shop has \(shardsRange.lowerBound) to \(shardsRange.upperBound) shards.")
        }
    }
}
