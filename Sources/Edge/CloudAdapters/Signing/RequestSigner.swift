import Crypto
import EventSourcing

/// Signs requests with Signature Version 4: the one place where that is done.
///
/// A pure value; the digest of the body is always part of what is signed. Source: "AWS Signature Version 4 for API
/// requests", AWS Identity and Access Management.
public struct RequestSigner: Sendable {
    private static let algorithm = "AWS4-HMAC-SHA256"
    private static let terminator = "aws4_request"

    public let service: CloudService
    public let region: String

    public init(_ service: CloudService, region: String) {
        self.service = service
        self.region = region
    }

    /// What is to be sent as the head of `request`: its own headers, and with them host, date, token and signature.
    ///
    /// - Parameter host: as it is sent, with a port that is not the scheme's own.
    public func headers(
        for request: CloudRequest, host: String, with credentials: CloudCredentials, at moment: Timestamp
    ) -> [CloudRequest.Field] {
        let time = SigningTime(moment)
        let payload = Self.hexadecimal(SHA256.hash(data: request.body))
        var headers = request.headers + [.init("host", host), .init("x-amz-date", time.description)]
        if let token = credentials.sessionToken { headers.append(.init("x-amz-security-token", token)) }
        if service.namesPayload { headers.append(.init("x-amz-content-sha256", payload)) }
        let canonical = CanonicalRequest(request, for: service, headers: headers, payload: payload)
        let scope = [time.day, region, service.rawValue, Self.terminator].joined(separator: "/")
        let digest = Self.hexadecimal(SHA256.hash(data: Array(canonical.text.utf8)))
        let signed = [Self.algorithm, time.description, scope, digest].joined(separator: "\n")
        let signature = Self.hexadecimal(Self.code(signed, key: key(of: credentials, on: time.day)))
        let authorization =
            "\(Self.algorithm) Credential=\(credentials.accessKeyID)/\(scope), "
            + "SignedHeaders=\(canonical.signedHeaders), Signature=\(signature)"
        return headers + [.init("authorization", authorization)]
    }

    /// The key of one day, region and service; it signs nothing else.
    private func key(of credentials: CloudCredentials, on day: String) -> SymmetricKey {
        let secret = SymmetricKey(data: Array("AWS4\(credentials.secretKey)".utf8))
        return [day, region, service.rawValue, Self.terminator].reduce(secret) { key, part in
            SymmetricKey(data: Self.code(part, key: key))
        }
    }

    private static func code(_ text: String, key: SymmetricKey) -> HMAC<SHA256>.MAC {
        HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key)
    }

    private static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 0xf)]] }, as: UTF8.self)
    }
}
