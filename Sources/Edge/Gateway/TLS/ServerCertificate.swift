import EventSourcing
import Foundation
import NIOSSL
import Synchronization
import WatchedFiles

/// The gateway's certificate and key, from files that may be replaced while it runs: connections that come afterwards
/// get the new ones, those that are open keep what they have.
public final class ServerCertificate: Sendable {
    /// Why files cannot be used. It names them, and shows nothing of what is in them.
    public enum Failure: Error, Equatable, CustomStringConvertible {
        case unreadable(path: String)
        /// It holds no certificate in PEM form.
        case noCertificate(path: String)
        /// The file of the key is readable by others, or not at all.
        case key(SecretFile.Failure)
        /// It holds no private key in PEM form, or one that is locked with a passphrase.
        case noKey(path: String)
        /// The key is another certificate's, or of a kind that TLS does not use.
        case mismatch(certificate: String, key: String)
        case expired(path: String)

        public var description: String {
            switch self {
            case .unreadable(let path): "\(path) cannot be read"
            case .noCertificate(let path): "\(path) holds no certificate in PEM form"
            case .key(let failure): failure.description
            case .noKey(let path): "\(path) holds no private key in PEM form without a passphrase"
            case .mismatch(let certificate, let key): "\(key) is not the key of the certificate in \(certificate)"
            case .expired(let path): "the certificate in \(path) has expired"
            }
        }
    }

    /// What came of a look at the files.
    public enum Renewal: Sendable {
        case unchanged
        case renewed
        /// The files are no good; what was there before stays.
        case refused(Failure)
    }

    private struct Loaded {
        let context: NIOSSLContext
        let notAfter: Timestamp
    }

    private struct State {
        var loaded: Loaded
        var watched: WatchedFiles
    }

    private let certificate: String
    private let key: String
    private let state: Mutex<State>

    /// - Parameters:
    ///   - certificate: a PEM file with the certificate, and behind it those that lead to the root.
    ///   - key: a PEM file with its private key, which the owner alone may read.
    public init(certificate: String, key: String) throws(Failure) {
        self.certificate = certificate
        self.key = key
        let watched = WatchedFiles(certificate, key)
        state = Mutex(State(loaded: try Self.load(certificate, key), watched: watched))
    }

    /// For a connection that begins now.
    var context: NIOSSLContext { state.withLock(\.loaded.context) }

    /// When the certificate ends.
    public var notAfter: Timestamp { state.withLock(\.loaded.notAfter) }

    /// Looks whether the files are others than those read last, and reads them if so.
    ///
    /// - Parameter isForced: reads them whatever they look like.
    public func renew(at now: Timestamp, isForced: Bool = false) -> Renewal {
        let haveChanged = state.withLock { $0.watched.haveChanged() }
        guard isForced || haveChanged else { return .unchanged }
        do throws(Failure) {
            let loaded = try Self.load(certificate, key)
            guard loaded.notAfter > now else { throw .expired(path: certificate) }
            state.withLock { $0.loaded = loaded }
            return .renewed
        } catch {
            return .refused(error)
        }
    }

    private static func load(_ certificate: String, _ key: String) throws(Failure) -> Loaded {
        guard let text = FileManager.default.contents(atPath: certificate) else {
            throw .unreadable(path: certificate)
        }
        guard let chain = try? NIOSSLCertificate.fromPEMBytes([UInt8](text)), let leaf = chain.first else {
            throw .noCertificate(path: certificate)
        }
        let secret: [UInt8]
        do throws(SecretFile.Failure) {
            secret = try SecretFile.read(key)
        } catch {
            throw .key(error)
        }
        guard let privateKey = try? NIOSSLPrivateKey(bytes: secret, format: .pem) else { throw .noKey(path: key) }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(privateKey))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["h2", "http/1.1"]
        guard let context = try? NIOSSLContext(configuration: configuration) else {
            throw .mismatch(certificate: certificate, key: key)
        }
        return Loaded(context: context, notAfter: Timestamp(microseconds: Int64(leaf.notValidAfter) * 1_000_000))
    }
}
