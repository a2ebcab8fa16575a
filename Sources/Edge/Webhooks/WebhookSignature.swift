import Commerce
import Crypto
import Foundation

/// Signs what an endpoint is sent. Source: Standard Webhooks 1.0, "Signature scheme".
enum WebhookSignature {
    /// The value of `webhook-signature`: one for each secret, separated by a space.
    ///
    /// - Parameter timestamp: seconds since 1970, as `webhook-timestamp` has them.
    static func header(id: String, timestamp: Int64, body: String, secrets: [WebhookSecret]) -> String {
        let signed = Data("\(id).\(timestamp).\(body)".utf8)
        return secrets.map { secret in
            let code = HMAC<SHA256>.authenticationCode(for: signed, using: SymmetricKey(data: secret.bytes))
            return "v1," + Data(code).base64EncodedString()
        }.joined(separator: " ")
    }
}
