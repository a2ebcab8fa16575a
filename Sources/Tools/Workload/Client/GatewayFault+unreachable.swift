import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

extension GatewayFault {
    /// Why there is no answer of a node, in words for people.
    ///
    /// - Parameter error: of the connection, or of the request on it.
    init(_ error: any Error, at address: GatewayAddress) {
        if Self.isOfCertificate(error) {
            self = .untrusted(url: "\(address)")
        } else {
            self = .unreachable(url: "\(address)", reason: Self.reason(error))
        }
    }

    /// A handshake fails as well when the other side goes, or speaks no TLS: another attempt may do better then.
    private static func isOfCertificate(_ error: any Error) -> Bool {
        switch error {
        case let error as NIOSSLExtraError: error == .failedToValidateHostname
        case NIOSSLError.handshakeFailed(.sslError(let causes)):
            causes.contains { $0.description.contains("CERTIFICATE_VERIFY_FAILED") }
        default: false
        }
    }

    private static func reason(_ error: any Error) -> String {
        switch error {
        case let error as NIOConnectionError:
            if let first = error.connectionErrors.first { return reason(first.error) }
            return "there is no host \(error.host)"
        case let error as IOError: return String(cString: strerror(error.errnoCode)).lowercased()
        case let error as HTTPClientError: return reason(error)
        case is HTTPParserError: return "what listens there does not speak HTTP"
        case is ChannelError: return "the connection ended"
        case is NIOSSLError: return "no TLS could be agreed on with what listens there"
        default: return "\(error)"
        }
    }

    private static func reason(_ error: HTTPClientError) -> String {
        switch error {
        case .connectTimeout, .tlsHandshakeTimeout, .getConnectionFromPoolTimeout: "no connection in time"
        case .deadlineExceeded, .readTimeout: "no answer in time"
        case .remoteConnectionClosed: "the connection ended before the answer"
        default: error.shortDescription
        }
    }
}
