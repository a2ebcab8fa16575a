import NIOCore

/// The networks of the proxies in front of the gateway: what these say about a client is believed, and what any
/// other peer says is not.
public struct TrustedProxies: Sendable, Equatable {
    /// An IP address as 128 bits; IPv4 as `::ffff:a.b.c.d`, so that one rule holds for both.
    struct Address: Hashable, Sendable {
        let bits: UInt128

        init?(_ address: SocketAddress?) {
            switch address {
            case .v4(let address): bits = 0xffff_0000_0000 | UInt128(UInt32(bigEndian: address.address.sin_addr.s_addr))
            case .v6(let address):
                bits = withUnsafeBytes(of: address.address.sin6_addr) { bytes in
                    UInt128(bigEndian: bytes.loadUnaligned(as: UInt128.self))
                }
            default: return nil
            }
        }
    }

    private struct Network: Sendable, Equatable {
        let first: UInt128
        let mask: UInt128

        func contains(_ address: Address) -> Bool { address.bits & mask == first }
    }

    private let networks: [Network]

    /// None.
    public init() { networks = [] }

    /// Reads addresses and networks such as `10.0.0.0/8, 192.168.1.7, fd00::/8`; nil when one of them is none.
    public init?(_ text: String) {
        var networks: [Network] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) where !text.isEmpty {
            guard let network = Self.network(part.trimming { $0 == " " }) else { return nil }
            networks.append(network)
        }
        self.networks = networks
    }

    private static func network(_ text: Substring) -> Network? {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let host = parts.first, let socket = try? SocketAddress(ipAddress: String(host), port: 0),
            let address = Address(socket)
        else { return nil }
        let isV4 = !host.contains(":")
        var length = 128
        if parts.count == 2 {
            guard let given = Int(parts[1]), parts[1].allSatisfy(\.isNumber), (0...(isV4 ? 32 : 128)).contains(given)
            else { return nil }
            length = isV4 ? 96 + given : given
        }
        let mask: UInt128 = length == 0 ? 0 : ~0 << UInt128(128 - length)
        // Bits behind the prefix are a slip of the pen, and it is not clear which network was meant.
        guard address.bits & mask == address.bits else { return nil }
        return Network(first: address.bits, mask: mask)
    }

    public var isEmpty: Bool { networks.isEmpty }

    /// Whether one of our proxies is at the other end.
    public func contains(_ address: SocketAddress?) -> Bool {
        guard !networks.isEmpty, let address = Address(address) else { return false }
        return networks.contains { $0.contains(address) }
    }
}

extension Substring {
    func trimming(_ isTrimmed: (Character) -> Bool) -> Substring {
        var text = drop(while: isTrimmed)
        while let last = text.last, isTrimmed(last) { text.removeLast() }
        return text
    }
}
