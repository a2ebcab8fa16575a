/// Which addresses of the internet an endpoint may have: none from which a node could be made to ask within its own
/// network.
///
/// Source: the IANA's registries of special-purpose addresses of IPv4 and IPv6.
enum AddressGuard {
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

    /// - Parameter address: 4 or 16 bytes, in the order of the network.
    static func allows(_ address: [UInt8]) -> Bool {
        if address.count == 4 { return !refused4.contains { $0.contains(address) } }
        guard address.count == 16 else { return false }
        if mapped.contains(address) { return allows(Array(address.suffix(4))) }
        return open6.contains(address) && !refused6.contains { $0.contains(address) }
    }
}
