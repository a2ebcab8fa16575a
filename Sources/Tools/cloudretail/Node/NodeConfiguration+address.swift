extension NodeConfiguration {
    /// A host and a port to listen on.
    struct SocketAddress: Sendable, Equatable, CustomStringConvertible {
        var host: String
        var port: Int

        /// - Returns: nil for a host that is neither a name nor an address, or a number that is no port.
        init?(host: String, port: Int) {
            guard !host.isEmpty, host.utf8.allSatisfy(Self.isOfHost), (0...65_535).contains(port) else { return nil }
            self.host = host
            self.port = port
        }

        /// Reads `host:port`; an IPv6 host stands in brackets.
        init?(_ text: String) {
            guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]) else {
                return nil
            }
            var host = text[..<colon]
            if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
            self.init(host: String(host), port: port)
        }

        /// Of a name, of an address, or of the zone of one (RFC 4007, section 11).
        private static func isOfHost(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: ":"), UInt8(ascii: "%"):
                true
            default: false
            }
        }

        var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
    }
}
