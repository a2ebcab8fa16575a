import Foundation
import NIOCore
import NIOSSL

/// Why a connection has failed, for the log.
enum ConnectionFailure {
    /// Words for `error`, without where in the sources of a library it was met.
    static func words(for error: any Error) -> String {
        switch error {
        case NIOSSLError.handshakeFailed(let failure): "the TLS handshake failed: \(words(for: failure))"
        case NIOSSLError.uncleanShutdown: "the peer has closed it without a word"
        case let failure as BoringSSLError: words(for: failure)
        case let failure as IOError: "the system says: \(String(cString: strerror(failure.errnoCode)))"
        default: "\(error)"
        }
    }

    private static func words(for failure: BoringSSLError) -> String {
        switch failure {
        case .sslError(let stack), .unknownError(let stack):
            stack.isEmpty ? "no reason is given" : stack.map { words(forLine: $0.description) }.joined(separator: ", ")
        default: "\(failure)"
        }
    }

    /// The reason out of a line such as `Error: 268435581 error:1000007d:SSL routines:OPENSSL_internal:UNKNOWN_CA at
    /// FILE:LINE`, or of `Error:  EOF during handshake`.
    static func words(forLine line: String) -> String {
        let reason = line.prefix(upTo: line.firstRange(of: " at ")?.lowerBound ?? line.endIndex)
        let last = reason.split(separator: ":").last?.trimmingPrefix { $0 == " " } ?? reason
        return last.contains("_") ? last.replacing("_", with: " ").lowercased() : String(last)
    }
}

extension SocketAddress {
    /// Address and port.
    var words: String {
        guard let ipAddress, let port else { return description }
        return ipAddress.contains(":") ? "[\(ipAddress)]:\(port)" : "\(ipAddress):\(port)"
    }
}
