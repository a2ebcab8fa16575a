import Foundation
import NIOSSL
import Synchronization
import WatchedFiles

/// The certificate of this node and the authority of its cluster, from files that may be replaced while the node runs:
/// connections that begin afterwards use the new ones, those that are open keep what they have.
final class Credentials: Sendable {
    /// What came of a look at the files.
    enum Renewal {
        case unchanged
        case renewed
        /// The files are no good; what was there before stays.
        case refused(CertificateProblem)
    }

    private struct State {
        var client: NIOSSLContext
        var server: NIOSSLContext
        var watched: WatchedFiles
    }

    private let files: CertificateFiles
    private let state: Mutex<State>

    init(_ files: CertificateFiles) throws(CertificateProblem) {
        self.files = files
        let watched = WatchedFiles(files.authority, files.certificate, files.key)
        let (client, server) = try Self.load(files)
        state = Mutex(State(client: client, server: server, watched: watched))
    }

    var client: NIOSSLContext { state.withLock(\.client) }
    var server: NIOSSLContext { state.withLock(\.server) }

    /// Looks whether the files are others than those read last, and reads them if so.
    ///
    /// - Parameter isForced: reads them whatever they look like.
    func renew(isForced: Bool) -> Renewal {
        let haveChanged = state.withLock { $0.watched.haveChanged() }
        guard isForced || haveChanged else { return .unchanged }
        do throws(CertificateProblem) {
            let (client, server) = try Self.load(files)
            state.withLock { ($0.client, $0.server) = (client, server) }
            return .renewed
        } catch {
            return .refused(error)
        }
    }

    private static func load(
        _ files: CertificateFiles
    ) throws(CertificateProblem) -> (client: NIOSSLContext, server: NIOSSLContext) {
        guard let authority = try? NIOSSLCertificate.fromPEMFile(files.authority), !authority.isEmpty else {
            throw .noCertificate(path: files.authority)
        }
        guard let chain = try? NIOSSLCertificate.fromPEMFile(files.certificate), let leaf = chain.first else {
            throw .noCertificate(path: files.certificate)
        }
        guard Int(leaf.notValidAfter) > time(nil) else { throw .expired(path: files.certificate) }
        try requireSecret(files.key)
        guard let key = try? NIOSSLPrivateKey(file: files.key, format: .pem) else { throw .noKey(path: files.key) }
        let sources = chain.map { NIOSSLCertificateSource.certificate($0) }
        var server = TLSConfiguration.makeServerConfigurationWithMTLS(
            certificateChain: sources, privateKey: .privateKey(key), trustRoots: .certificates(authority))
        var client = TLSConfiguration.makeClientConfiguration()
        client.certificateChain = sources
        client.privateKey = .privateKey(key)
        client.trustRoots = .certificates(authority)
        do {
            return (try context(&client), try context(&server))
        } catch {
            throw .mismatch(certificate: files.certificate, key: files.key)
        }
    }

    /// Names are compared after the handshake, in the greeting: the peer is known there.
    private static func context(_ configuration: inout TLSConfiguration) throws -> NIOSSLContext {
        configuration.minimumTLSVersion = .tlsv13
        configuration.certificateVerification = .noHostnameVerification
        // How long the end of a connection waits for the peer's word: no answer rests on it.
        configuration.shutdownTimeout = .milliseconds(500)
        return try NIOSSLContext(configuration: configuration)
    }

    private static func requireSecret(_ path: String) throws(CertificateProblem) {
        var status = stat()
        guard stat(path, &status) == 0 else { throw .noKey(path: path) }
        guard UInt32(status.st_mode) & 0o077 == 0 else { throw .exposed(path: path) }
    }
}

/// Why the files of a node's certificate cannot be used. It names them, and shows nothing of what is in them.
public enum CertificateProblem: Error, Hashable, Sendable, CustomStringConvertible {
    /// It cannot be read, or holds no certificate in PEM form.
    case noCertificate(path: String)
    /// It cannot be read, or holds no key in PEM form.
    case noKey(path: String)
    /// Others than its owner may read or write the key.
    case exposed(path: String)
    case expired(path: String)
    /// The key is another certificate's.
    case mismatch(certificate: String, key: String)

    public var description: String {
        switch self {
        case .noCertificate(let path): "\(path) holds no certificate in PEM form that can be read"
        case .noKey(let path): "\(path) holds no private key in PEM form that can be read"
        case .exposed(let path): "\(path) holds a key that others may read (chmod 600 \(path))"
        case .expired(let path): "the certificate in \(path) has expired"
        case .mismatch(let certificate, let key): "\(key) is not the key of the certificate in \(certificate)"
        }
    }
}
