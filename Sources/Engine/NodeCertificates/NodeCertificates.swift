import Crypto
import Foundation
import X509

/// The certificates of a cluster's nodes, in one directory: an authority of its own, and one certificate for each node
/// with a name and no address, which serves both ends of a connection.
///
///     authority.pem   authority-key.pem   node-1.pem   node-1-key.pem   node-2.pem   …
///
/// Keys are readable by their owner alone. The authority's key is needed to make certificates, and by no node.
public enum NodeCertificates {
    /// How long certificates are good for.
    public struct Validity: Sendable {
        /// Renewing the authority means to hand every node another root.
        public var authority: TimeInterval = 10 * 365 * 86_400
        public var node: TimeInterval = 365 * 86_400

        public init() {}
    }

    public static func authorityFile(in directory: String) -> String { "\(directory)/authority.pem" }
    public static func certificateFile(ofNode node: UInt64, in directory: String) -> String {
        "\(directory)/node-\(node).pem"
    }
    public static func keyFile(ofNode node: UInt64, in directory: String) -> String {
        "\(directory)/node-\(node)-key.pem"
    }

    /// All that ``create(in:nodes:validity:at:)`` makes.
    public static func files(ofNodes nodes: [UInt64], in directory: String) -> [String] {
        [authorityFile(in: directory), Authority.keyFile(in: directory)]
            + nodes.flatMap { [certificateFile(ofNode: $0, in: directory), keyFile(ofNode: $0, in: directory)] }
    }

    /// Makes what is missing in `directory`, which is created if need be: the authority, and a key and a certificate
    /// for each of `nodes`. What is there stays as it is.
    ///
    /// - Throws: `CertificateFailure`.
    public static func create(
        in directory: String, nodes: [UInt64], validity: Validity = Validity(), at now: Date = Date()
    ) throws(CertificateFailure) {
        try CertificateFile.createDirectory(directory)
        let authority = try Authority.openOrCreate(in: directory, validity: validity, at: now)
        for node in nodes where !CertificateFile.exists(certificateFile(ofNode: node, in: directory)) {
            try certify(node, by: authority, in: directory, validity, at: now)
        }
    }

    /// Makes new certificates for `nodes`, with the keys that they have, so that at every moment a node's certificate
    /// fits its key. Running nodes take them up.
    ///
    /// - Throws: `CertificateFailure`; `.absent` when there is no authority, or a node has no key, and nothing is made.
    public static func renew(
        in directory: String, nodes: [UInt64], validity: Validity = Validity(), at now: Date = Date()
    ) throws(CertificateFailure) {
        let authority = try Authority.open(in: directory)
        for key in nodes.map({ keyFile(ofNode: $0, in: directory) }) where !CertificateFile.exists(key) {
            throw .absent(path: key)
        }
        for node in nodes { try certify(node, by: authority, in: directory, validity, at: now) }
    }

    /// Keys come before the certificates that name them.
    private static func certify(
        _ node: UInt64, by authority: Authority, in directory: String, _ validity: Validity, at now: Date
    ) throws(CertificateFailure) {
        let key = try CertificateFile.readOrCreateKey(keyFile(ofNode: node, in: directory))
        let certificate = try authority.certificate(
            named: NodeName.ofNode(node), for: key.publicKey, until: now + validity.node, at: now)
        try CertificateFile.write(
            certificate, to: certificateFile(ofNode: node, in: directory), mode: CertificateFile.certificateMode)
    }
}

/// Why certificates could not be made.
public enum CertificateFailure: Error, Hashable, Sendable, CustomStringConvertible {
    case system(operation: String, path: String, errno: Int32)
    case absent(path: String)
    /// It is no certificate or key in PEM form, or not of the kind that is made here.
    case unreadable(path: String)
    /// The key of the authority is missing: it can sign nothing any more.
    case authorityIncomplete(missing: String)
    /// A certificate could not be signed.
    case signing(String)

    public var description: String {
        switch self {
        case .system(let operation, let path, let code): "\(operation) \(path): \(String(cString: strerror(code)))"
        case .absent(let path): "there is no \(path)"
        case .unreadable(let path): "\(path) holds no certificate or key of this kind in PEM form"
        case .authorityIncomplete(let path): "there is a certificate of an authority, and \(path) is missing"
        case .signing(let reason): "a certificate could not be signed: \(reason)"
        }
    }
}
