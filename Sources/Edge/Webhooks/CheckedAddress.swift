import Checkout
import NIOCore
import NIOPosix
import Wire

/// Where an endpoint's name leads at the moment, looked up once and checked.
struct CheckedAddress {
    enum Refusal: Error, CustomStringConvertible {
        case malformed
        case unknownHost
        case closed

        var description: String {
            switch self {
            case .malformed: "the address is none of https"
            case .unknownHost: "its host is not known"
            case .closed: "its host is within a network that is not open to it"
            }
        }
    }

    /// As the URL names it.
    let host: String
    /// The one that is connected to.
    let address: String

    static func find(_ url: String, opensPrivate: Bool) async throws(Refusal) -> CheckedAddress {
        guard let host = WebhookURL.host(of: url, allowsPlain: opensPrivate) else { throw .malformed }
        let found: SocketAddress
        do {
            found = try await NIOThreadPool.singleton.runIfActive {
                try SocketAddress.makeAddressResolvingHost(host, port: 0)
            }
        } catch { throw .unknownHost }
        guard let address = found.ipAddress, let bytes = try? bytes(of: found) else { throw .unknownHost }
        guard AddressGuard.allows(bytes, opensPrivate: opensPrivate) else { throw .closed }
        return CheckedAddress(host: host, address: address)
    }

    /// In the order of the network.
    ///
    /// - Throws: `.unknownHost` for a socket of this machine.
    static func bytes(of address: SocketAddress) throws(Refusal) -> [UInt8] {
        switch address {
        case .v4(let address): withUnsafeBytes(of: address.address.sin_addr) { [UInt8](copying: $0) }
        case .v6(let address): withUnsafeBytes(of: address.address.sin6_addr) { [UInt8](copying: $0) }
        case .unixDomainSocket: throw .unknownHost
        }
    }
}
