extension NodeConfiguration {
    /// A host and a port to listen on.
    struct SocketAddress: Sendable, Equatable, CustomStringConvertible {
        var host: String
        var port: Int

        /// - Returns: nil without a host, or for a number that is no port.
        init?(host: String, port: Int) {
            guard !host.isEmpty, (0...65_535).contains(port) else { return nil }
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

        var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
    }
}
