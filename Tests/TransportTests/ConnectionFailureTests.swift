import NIOCore
import NIOSSL
import Testing

@testable import Transport

@Suite("Why a connection has failed")
struct ConnectionFailureTests {
    @Test("is told without where in a library's sources it was met")
    func line() {
        let line =
            "Error: 268435703 error:100000f7:SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER at "
            + "/build/Sources/CNIOBoringSSL/ssl/tls_record.cc:127"
        #expect(ConnectionFailure.words(forLine: line) == "wrong version number")
        #expect(ConnectionFailure.words(forLine: "Error:  EOF during handshake") == "EOF during handshake")
    }

    @Test("is told in words where the library has a name for it")
    func names() {
        #expect(ConnectionFailure.words(for: NIOSSLError.uncleanShutdown) == "the peer has closed it without a word")
        let failure = NIOSSLError.handshakeFailed(.sslError([.eofDuringHandshake]))
        #expect(ConnectionFailure.words(for: failure) == "the TLS handshake failed: EOF during handshake")
        #expect(
            ConnectionFailure.words(for: IOError(errnoCode: 104, reason: "read")).hasPrefix("the system says: "))
    }
}
