import Commerce

/// The address of an endpoint, in a form that every parser reads alike: what is checked is what is connected to.
public enum WebhookURL {
    private static let pathCharacters = Set("-._~%!$&'()*+,;=:@/?".utf8)

    /// The host of `https://host[:port][/path][?query]`, in small letters; nil for anything else.
    ///
    /// - Parameter allowsPlain: takes `http` too.
    public static func host(of url: String, allowsPlain: Bool) -> String? {
        guard url.utf8.count <= WebhookEndpoint.Settings.urlLengthMax else { return nil }
        let schemes = allowsPlain ? ["https://", "http://"] : ["https://"]
        guard let scheme = schemes.first(where: { url.hasPrefix($0) }) else { return nil }
        let rest = url.dropFirst(scheme.count)
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        guard rest.dropFirst(authority.count).utf8.allSatisfy(isOfPath) else { return nil }
        let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), isHost(parts[0]) else { return nil }
        if parts.count == 2 {
            let isNumber = (1...5).contains(parts[1].utf8.count) && parts[1].utf8.allSatisfy(isDigit)
            guard isNumber, let port = Int(parts[1]), (1...65_535).contains(port) else { return nil }
        }
        return String(parts[0])
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
    private static func isSmall(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
    private static func isCapital(_ byte: UInt8) -> Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) }

    private static func isHost(_ text: Substring) -> Bool {
        (1...253).contains(text.utf8.count)
            && text.utf8.allSatisfy { isDigit($0) || isSmall($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") }
    }

    private static func isOfPath(_ byte: UInt8) -> Bool {
        isDigit(byte) || isSmall(byte) || isCapital(byte) || pathCharacters.contains(byte)
    }
}
