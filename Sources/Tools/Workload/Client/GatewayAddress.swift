import Foundation

/// Where a gateway listens: scheme, host, port and what its paths begin with.
public struct GatewayAddress: Sendable, Equatable, CustomStringConvertible {
    public let scheme: String
    public let host: String
    public let port: Int
    /// The path in front of `/api/v1`, without a slash at its end; usually empty.
    public let prefix: String

    /// Reads `http://127.0.0.1:8080`; nil for what is not an HTTP URL of a host.
    public init?(_ text: String) {
        guard let url = URLComponents(string: text), let scheme = url.scheme?.lowercased(),
            scheme == "http" || scheme == "https", let host = url.host, !host.isEmpty,
            url.query == nil, url.fragment == nil, url.user == nil, url.password == nil
        else { return nil }
        self.scheme = scheme
        self.host = host
        port = url.port ?? (scheme == "https" ? 443 : 80)
        prefix =
            url.percentEncodedPath.hasSuffix("/") ? String(url.percentEncodedPath.dropLast()) : url.percentEncodedPath
    }

    public var description: String { "\(scheme)://\(authority)\(prefix)" }

    var authority: String {
        let isIPv6 = host.contains(":") && !host.hasPrefix("[")
        return "\(isIPv6 ? "[\(host)]" : host):\(port)"
    }

    /// The text as one segment of a path or one value of a query, whatever it holds.
    static func escaped(_ text: String) -> String {
        let hexadecimal = Array("0123456789ABCDEF")
        return text.utf8.reduce(into: "") { escaped, byte in
            let character = Character(Unicode.Scalar(byte))
            if byte < 128, character.isLetter || character.isNumber || "-._~".contains(character) {
                escaped.append(character)
            } else {
                escaped += "%\(hexadecimal[Int(byte >> 4)])\(hexadecimal[Int(byte & 15)])"
            }
        }
    }
}
