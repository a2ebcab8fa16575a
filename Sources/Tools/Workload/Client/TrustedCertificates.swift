import NIOSSL

/// Whose certificates a gateway may show, instead of those that the machine trusts: for a shop with an authority of its
/// own.
public struct TrustedCertificates: Sendable {
    public enum Fault: Error, CustomStringConvertible {
        case noCertificate

        public var description: String { "There is no certificate in PEM." }
    }

    private let certificates: [NIOSSLCertificate]

    /// - Parameter pem: one certificate or more, of authorities or of the gateway itself.
    public init(pem: String) throws(Fault) {
        guard let certificates = try? NIOSSLCertificate.fromPEMBytes(Array(pem.utf8)), !certificates.isEmpty else {
            throw .noCertificate
        }
        self.certificates = certificates
    }

    /// Of a client that believes these and no others.
    var tls: TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = .certificates(certificates)
        return configuration
    }
}
