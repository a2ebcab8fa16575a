import Crypto

/// What callers are hashed with, so that no caller can aim at another's count: the same on all nodes of a cluster.
public struct RateSeed: Sendable {
    let low: UInt64
    let high: UInt64

    init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }

    /// Of a node alone: new with each process.
    public static func random() -> RateSeed {
        RateSeed(low: .random(in: .min ... .max), high: .random(in: .min ... .max))
    }

    /// Of the nodes that share `secret`.
    public init(_ secret: ClusterSecret) {
        self = secret.key(for: "rate limits", length: 16).withUnsafeBytes { bytes in
            RateSeed(
                low: UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self)),
                high: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
        }
    }
}

/// Who can be counted. What tells one caller from another has the same bytes on every node.
protocol RateCaller {
    func add(to hash: inout SipHash)
}

extension String: RateCaller {
    func add(to hash: inout SipHash) { hash.append(self) }
}

/// Who is counted, and under which policy.
public struct RateKey: Hashable, Sendable {
    let rawValue: UInt64

    init(_ policy: RatePolicy, _ caller: some RateCaller, _ seed: RateSeed) {
        var hash = SipHash(seed)
        hash.append(policy.name)
        caller.add(to: &hash)
        rawValue = hash.finalized()
    }
}
