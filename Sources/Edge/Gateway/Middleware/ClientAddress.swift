import NIOCore

/// Whose requests are counted together: an IPv4 address, or the network of an IPv6 address, which one customer has
/// whole.
struct ClientAddress: Hashable, CustomStringConvertible {
    private enum Form: Hashable {
        case v4(UInt32)
        case v6Network(UInt64)
        case text(String)
    }

    private let form: Form
    let description: String

    init(_ address: SocketAddress?) {
        description = address?.ipAddress ?? "-"
        switch address {
        case .v4(let address): form = .v4(address.address.sin_addr.s_addr)
        case .v6(let address):
            form = withUnsafeBytes(of: address.address.sin6_addr) { bytes in
                let network = bytes.loadUnaligned(as: UInt64.self)
                let prefix = bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self)
                // ::ffff:a.b.c.d is an IPv4 client on a socket for both.
                if network == 0, prefix == UInt32(bigEndian: 0xffff) {
                    return .v4(bytes.loadUnaligned(fromByteOffset: 12, as: UInt32.self))
                }
                return .v6Network(network)
            }
        default: form = .text("-")
        }
    }

    /// The address, or the network of an IPv6 address, in text: the same for all whose requests are counted together.
    var group: String {
        switch form {
        case .v4(let address): "v4 \(address)"
        case .v6Network(let network): "v6 \(network)"
        case .text(let text): text
        }
    }

    static func == (left: Self, right: Self) -> Bool { left.form == right.form }
    func hash(into hasher: inout Hasher) { hasher.combine(form) }
}

extension ClientAddress: RateCaller {
    func add(to hash: inout SipHash) {
        switch form {
        case .v4(let address):
            hash.append(UInt8(4))
            hash.append(UInt64(address))
        case .v6Network(let network):
            hash.append(UInt8(6))
            hash.append(network)
        case .text(let text): hash.append(text)
        }
    }
}
