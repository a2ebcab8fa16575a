import Crypto
import Foundation
import X509

/// The authority of a cluster: it signs the certificates of the nodes, and nothing else.
struct Authority {
    /// Clocks of machines differ: a certificate is good a while before it is made.
    private static let clockSkewMax: TimeInterval = 3_600

    private let certificate: Certificate
    private let key: P256.Signing.PrivateKey

    static func keyFile(in directory: String) -> String { "\(directory)/authority-key.pem" }

    static func openOrCreate(
        in directory: String, validity: NodeCertificates.Validity, at now: Date
    ) throws(CertificateFailure) -> Authority {
        let (file, keyFile) = (NodeCertificates.authorityFile(in: directory), keyFile(in: directory))
        if CertificateFile.exists(file) {
            guard CertificateFile.exists(keyFile) else { throw .authorityIncomplete(missing: keyFile) }
            return try open(in: directory)
        }
        let key = try CertificateFile.readOrCreateKey(keyFile)
        let certificate = try certificate(of: key, until: now + validity.authority, at: now)
        try CertificateFile.write(try pem(certificate), to: file, mode: CertificateFile.certificateMode)
        return Authority(certificate: certificate, key)
    }

    static func open(in directory: String) throws(CertificateFailure) -> Authority {
        let file = NodeCertificates.authorityFile(in: directory)
        guard let certificate = try? Certificate(pemEncoded: try CertificateFile.read(file)) else {
            guard CertificateFile.exists(file) else { throw .absent(path: file) }
            throw .unreadable(path: file)
        }
        return Authority(certificate: certificate, try CertificateFile.readKey(keyFile(in: directory)))
    }

    private init(certificate: Certificate, _ key: P256.Signing.PrivateKey) {
        self.certificate = certificate
        self.key = key
    }

    // MARK: - Signing

    /// In PEM form: for the DNS name `name`, and for both ends of a connection.
    func certificate(
        named name: String, for publicKey: P256.Signing.PublicKey, until end: Date, at now: Date
    ) throws(CertificateFailure) -> String {
        do {
            let subject = try DistinguishedName { CommonName(name) }
            let signer = SubjectKeyIdentifier(hash: Certificate.PublicKey(key.publicKey))
            let extensions = try Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                Critical(KeyUsage(digitalSignature: true))
                try ExtendedKeyUsage([.serverAuth, .clientAuth])
                SubjectAlternativeNames([.dnsName(name)])
                AuthorityKeyIdentifier(keyIdentifier: signer.keyIdentifier)
            }
            let certificate = try Certificate(
                version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: Certificate.PublicKey(publicKey),
                notValidBefore: now - Self.clockSkewMax, notValidAfter: min(end, self.certificate.notValidAfter),
                issuer: self.certificate.subject, subject: subject, signatureAlgorithm: .ecdsaWithSHA256,
                extensions: extensions, issuerPrivateKey: Certificate.PrivateKey(key))
            return try Self.pem(certificate)
        } catch {
            throw error as? CertificateFailure ?? .signing("\(error)")
        }
    }

    /// Signed by itself; for the certificates of nodes only, not for further authorities.
    private static func certificate(
        of key: P256.Signing.PrivateKey, until end: Date, at now: Date
    ) throws(CertificateFailure) -> Certificate {
        do {
            let name = try DistinguishedName { CommonName("CloudRetail nodes") }
            let extensions = try Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                Critical(KeyUsage(keyCertSign: true, cRLSign: true))
                SubjectKeyIdentifier(hash: Certificate.PublicKey(key.publicKey))
            }
            return try Certificate(
                version: .v3, serialNumber: Certificate.SerialNumber(),
                publicKey: Certificate.PublicKey(key.publicKey), notValidBefore: now - clockSkewMax,
                notValidAfter: end, issuer: name, subject: name, signatureAlgorithm: .ecdsaWithSHA256,
                extensions: extensions, issuerPrivateKey: Certificate.PrivateKey(key))
        } catch {
            throw .signing("\(error)")
        }
    }

    private static func pem(_ certificate: Certificate) throws(CertificateFailure) -> String {
        do { return try certificate.serializeAsPEM().pemString + "\n" } catch { throw .signing("\(error)") }
    }
}
