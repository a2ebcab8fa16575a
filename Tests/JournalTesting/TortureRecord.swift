/// A record that says whose it is and whose bytes follow from that.
public struct TortureRecord: Sendable {
    public let proposer: Int
    public let sequence: Int

    public init(proposer: Int, sequence: Int) {
        self.proposer = proposer
        self.sequence = sequence
    }

    public var payload: [UInt8] {
        var word = UInt64(proposer) << 32 | UInt64(sequence)
        // Some span several pages.
        let count = sequence % 7 == 0 ? 9_000 : 40 + sequence % 300
        return (0..<count).map { position in
            guard position > 2 else { return [UInt8(proposer), UInt8(sequence >> 8), UInt8(sequence & 255)][position] }
            word = word &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: word >> 56)
        }
    }
}
