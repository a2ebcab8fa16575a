import NIOCore

/// Who asks, and over what, as far as our own proxies say so.
///
/// Every proxy adds the address that it sees at the end of `X-Forwarded-For` or `Forwarded`. So the list is read from
/// its end: as long as an address is one of our proxies the one before it is believed, and the first that is none is
/// the client. What stands before that is the client's word.
struct ForwardedClient {
    let address: SocketAddress?
    /// Whether the client's own connection is encrypted.
    let isSecure: Bool

    /// - Parameters:
    ///   - peer: the other end of the connection.
    ///   - isSecure: whether the connection is encrypted.
    init(_ peer: SocketAddress?, isSecure: Bool, _ fields: RequestFields, proxies: TrustedProxies) {
        guard proxies.contains(peer) else {
            address = peer
            self.isSecure = isSecure
            return
        }
        let chains = [Self.hops(ofForwarded: fields), Self.hops(ofForwardedFor: fields)].compactMap { $0 }
        let found = chains.map { Self.client(in: $0, peer, proxies) }
        // A proxy writes one of the fields and may pass the other on as the client wrote it. Where they differ neither
        // is believed.
        guard let first = found.first, found.allSatisfy({ $0 == first }) else {
            address = peer
            // Without a list of addresses the nearest proxy may still say how it was reached.
            self.isSecure = found.isEmpty && Self.isSecure(fields.forwardedProto.flatMap { Self.parts(of: $0).last })
            return
        }
        address = first.address ?? peer
        self.isSecure = first.isSecure
    }

    /// One entry of the list: nil for an address that cannot be read.
    private struct Hop {
        let address: SocketAddress?
        let isSecure: Bool
    }

    private struct Found: Equatable {
        var address: SocketAddress?
        var isSecure: Bool

        static func == (left: Self, right: Self) -> Bool {
            left.address?.ipAddress == right.address?.ipAddress && left.isSecure == right.isSecure
        }
    }

    private static func client(in hops: [Hop], _ peer: SocketAddress?, _ proxies: TrustedProxies) -> Found {
        var found = Found(address: peer, isSecure: false)
        for hop in hops.reversed() {
            guard proxies.contains(found.address) else { break }
            // What cannot be read came to the proxy that wrote it from a client without an address of its own.
            guard let address = hop.address else {
                found.isSecure = hop.isSecure
                break
            }
            found = Found(address: address, isSecure: hop.isSecure)
        }
        return found
    }

    // MARK: X-Forwarded-For, X-Forwarded-Proto

    private static func hops(ofForwardedFor fields: RequestFields) -> [Hop]? {
        guard let list = fields.forwardedFor else { return nil }
        let addresses = parts(of: list)
        let schemes = fields.forwardedProto.map(parts(of:)) ?? []
        return addresses.enumerated().map { position, address in
            // Each proxy adds one of both; or the last one writes the scheme anew, for all.
            let scheme = schemes.count == addresses.count ? schemes[position] : schemes.last
            return Hop(address: Self.address(address), isSecure: isSecure(scheme))
        }
    }

    private static func parts(of list: String) -> [Substring] {
        list.split(separator: ",", omittingEmptySubsequences: false).map { $0.trimming { $0 == " " || $0 == "\t" } }
    }

    private static func isSecure(_ scheme: Substring?) -> Bool { scheme?.lowercased() == "https" }

    // MARK: Forwarded

    /// Source: RFC 7239, section 4. A comma or a semicolon within quotes is not looked for: no address has one.
    private static func hops(ofForwarded fields: RequestFields) -> [Hop]? {
        guard let list = fields.forwarded else { return nil }
        return parts(of: list).map { element in
            var (address, isSecure) = (SocketAddress?.none, false)
            for pair in element.split(separator: ";") {
                let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                guard sides.count == 2 else { continue }
                let value = sides[1].trimming { $0 == " " || $0 == "\t" || $0 == "\"" }
                switch sides[0].trimming({ $0 == " " || $0 == "\t" }).lowercased() {
                case "for": address = Self.address(value)
                case "proto": isSecure = Self.isSecure(value)
                default: break
                }
            }
            return Hop(address: address, isSecure: isSecure)
        }
    }

    /// An address, with a port or without: `1.2.3.4`, `1.2.3.4:5`, `::1`, `[::1]`, `[::1]:5`.
    private static func address(_ text: Substring) -> SocketAddress? {
        var host = text
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            host = text[text.index(after: text.startIndex)..<end]
        } else if let colon = text.firstIndex(of: ":"), text.lastIndex(of: ":") == colon {
            host = text[..<colon]
        }
        return try? SocketAddress(ipAddress: String(host), port: 0)
    }
}
