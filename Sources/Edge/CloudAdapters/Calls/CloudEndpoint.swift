import Foundation

/// Where a service listens.
public struct CloudEndpoint: Sendable, Hashable {
    /// With the scheme: `https://s3.eu-west-1.amazonaws.com`.
    let origin: String
    /// As requests name it: with a port that is not the scheme's own.
    let host: String

    /// - Throws: `invalidEndpoint` for what is no origin over HTTP or HTTPS.
    public init(_ text: String) throws(CloudFailure) {
        guard let parts = URLComponents(string: text), let scheme = parts.scheme, ["http", "https"].contains(scheme),
            let host = parts.host, !host.isEmpty, parts.user == nil, parts.password == nil, parts.query == nil,
            parts.fragment == nil, ["", "/"].contains(parts.path)
        else { throw .invalidEndpoint }
        let port = parts.port.flatMap { $0 == (scheme == "https" ? 443 : 80) ? nil : ":\($0)" } ?? ""
        self.host = host.lowercased() + port
        origin = "\(scheme)://\(self.host)"
    }

    /// The service's own in a region.
    init(_ service: CloudService, region: String) throws(CloudFailure) {
        let domain = region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com"
        try self.init("https://\(service.rawValue).\(region).\(domain)")
    }
}
