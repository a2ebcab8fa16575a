#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Which addresses an endpoint may have: none from which a node could be made to ask within its own network.
///
/// Source: the IANA's registries of special-purpose addresses of IPv4 and IPv6.
package enum AddressGuard {
    /// The first bytes and how many bits of them count.
    private struct Block {
        let bytes: [UInt8]
        let bits: Int

        init(_ bytes: [UInt8], _ bits: Int) {
            self.bytes = bytes
            self.bits = bits
        }

        func contains(_ address: [UInt8]) -> Bool {
            (0..<bits).allSatisfy { bit in
                let mask = UInt8(0x80) >> (bit % 8)
                return address[bit / 8] & mask == bytes[bit / 8] & mask
            }
        }
    }

    /// This host, private, shared, loopback, link-local and the clouds' metadata, protocols, documentation, relays,
    /// benchmarks, multicast, reserved and broadcast.
    private static let refused4 = [
        Block([0], 8), Block([10], 8), Block([100, 64], 10), Block([127], 8), Block([169, 254], 16),
        Block([172, 16], 12), Block([192, 0, 0], 24), Block([192, 0, 2], 24), Block([192, 88, 99], 24),
        Block([192, 168], 16), Block([198, 18], 15), Block([198, 51, 100], 24), Block([203, 0, 113], 24),
        Block([224], 4), Block([240], 4),
    ]

    /// Only what is given out to hosts is open, but for protocols, documentation and IPv4 within IPv6: loopback,
    /// unique-local, link-local, multicast and translated addresses are outside of it.
    private static let open6 = Block([0x20], 3)
    private static let refused6 = [
        Block([0x20, 0x01, 0], 23), Block([0x20, 0x01, 0x0d, 0xb8], 32), Block([0x20, 0x02], 16),
        Block([0x3f, 0xff, 0], 20),
    ]
    private static let mapped = Block([UInt8](repeating: 0, count: 10) + [0xff, 0xff], 96)

    /// What a cloud tells its machines alone, their credentials among it, is open to no endpoint.
    private static let metadata4 = Block([169, 254], 16)
    private static let metadata6 = [Block([0xfe, 0x80], 10), Block([0xfd, 0, 0x0e, 0xc2], 32)]

    /// - Parameters:
    ///   - address: 4 or 16 bytes, in the order of the network.
    ///   - opensPrivate: allows all but link-local addresses and the clouds' metadata.
    package static func allows(_ address: [UInt8], opensPrivate: Bool) -> Bool {
        if address.count == 4 {
            return opensPrivate ? !metadata4.contains(address) : !refused4.contains { $0.contains(address) }
        }
        guard address.count == 16 else { return false }
        if mapped.contains(address) { return allows(Array(address.suffix(4)), opensPrivate: opensPrivate) }
        if opensPrivate { return !metadata6.contains { $0.contains(address) } }
        return open6.contains(address) && !refused6.contains { $0.contains(address) }
    }

    /// Whether a host can be taken, as far as its text says: a name may lead anywhere, and is looked up when it is
    /// connected to, but for `localhost` (RFC 6761, section 6.3). Numbers are read as the system reads them, fewer
    /// than four and in other bases too.
    package static func allows(host: String, opensPrivate: Bool) -> Bool {
        if !opensPrivate, host == "localhost" || host.hasSuffix(".localhost") { return false }
        var address = in_addr()
        guard inet_aton(host, &address) != 0 else { return true }
        return allows(withUnsafeBytes(of: address) { [UInt8](copying: $0) }, opensPrivate: opensPrivate)
    }
}
