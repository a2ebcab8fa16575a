import Crypto
import Foundation
import NodeCertificates
import Testing
import X509

@Suite("Certificates of nodes")
struct NodeCertificatesTests {
    private let directory = FileManager.default.temporaryDirectory.appending(path: "certificates-\(UUID())").path

    private func certificate(_ path: String) throws -> Certificate {
        try Certificate(pemEncoded: String(contentsOfFile: path, encoding: .utf8))
    }

    private func certificate(ofNode node: UInt64) throws -> Certificate {
        try certificate(NodeCertificates.certificateFile(ofNode: node, in: directory))
    }

    private func mode(_ name: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: "\(directory)/\(name)")[.posixPermissions] as? Int
    }

    @Test("name a node, serve both ends of a connection, and are signed by the cluster's authority")
    func contents() throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try NodeCertificates.create(in: directory, nodes: [1, 2, 3])
        let authority = try certificate(NodeCertificates.authorityFile(in: directory))
        #expect(try authority.extensions.basicConstraints == .isCertificateAuthority(maxPathLength: 0))
        #expect(authority.extensions[oid: [2, 5, 29, 19]]?.critical == true)
        for node in 1...3 as ClosedRange<UInt64> {
            let certificate = try certificate(ofNode: node)
            #expect(authority.publicKey.isValidSignature(certificate.signature, for: certificate))
            #expect(try certificate.extensions.basicConstraints == .notCertificateAuthority)
            let names = try #require(try certificate.extensions.subjectAlternativeNames)
            #expect(Array(names) == [.dnsName(NodeName.ofNode(node))])
            let usages = try #require(try certificate.extensions.extendedKeyUsage)
            #expect(usages.contains(.serverAuth) && usages.contains(.clientAuth))
            let key = try P256.Signing.PrivateKey(
                pemRepresentation: String(
                    contentsOfFile: NodeCertificates.keyFile(ofNode: node, in: directory), encoding: .utf8))
            #expect(Certificate.PublicKey(key.publicKey) == certificate.publicKey)
        }
    }

    @Test("keep their keys to the owner")
    func modes() throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try NodeCertificates.create(in: directory, nodes: [1])
        #expect(try mode("") == 0o700)
        #expect(try mode("authority-key.pem") == 0o600 && mode("node-1-key.pem") == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory).count == 4)
    }

    @Test("stay when they are asked for again, and more nodes get theirs")
    func again() throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try NodeCertificates.create(in: directory, nodes: [1])
        let first = try certificate(ofNode: 1)
        try NodeCertificates.create(in: directory, nodes: [1, 4])
        #expect(try certificate(ofNode: 1) == first)
        #expect(try certificate(ofNode: 4).issuer == first.issuer)
    }

    @Test("are renewed with the key that they have, for as long as is asked")
    func renewal() throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try NodeCertificates.create(in: directory, nodes: [1, 2])
        let (first, other) = (try certificate(ofNode: 1), try certificate(ofNode: 2))
        let moment = Date(timeIntervalSince1970: 2_000_000_000)
        var validity = NodeCertificates.Validity()
        validity.node = 3_600
        try NodeCertificates.renew(in: directory, nodes: [1], validity: validity, at: moment)
        let renewed = try certificate(ofNode: 1)
        #expect(renewed.serialNumber != first.serialNumber && renewed.publicKey == first.publicKey)
        #expect(renewed.notValidAfter == moment + 3_600)
        #expect(try certificate(ofNode: 2) == other)
        // None outlives the authority.
        validity.node = 100 * 365 * 86_400
        try NodeCertificates.renew(in: directory, nodes: [1], validity: validity)
        let authority = try certificate(NodeCertificates.authorityFile(in: directory))
        #expect(try certificate(ofNode: 1).notValidAfter == authority.notValidAfter)
    }

    @Test("are refused where the authority is missing, or is none")
    func refusals() throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let authority = NodeCertificates.authorityFile(in: directory)
        #expect(throws: CertificateFailure.absent(path: authority)) {
            try NodeCertificates.renew(in: directory, nodes: [1])
        }
        try NodeCertificates.create(in: directory, nodes: [1])
        try FileManager.default.removeItem(atPath: "\(directory)/authority-key.pem")
        #expect(throws: CertificateFailure.authorityIncomplete(missing: "\(directory)/authority-key.pem")) {
            try NodeCertificates.create(in: directory, nodes: [2])
        }
        try Data("no certificate".utf8).write(to: URL(fileURLWithPath: authority))
        #expect(throws: CertificateFailure.unreadable(path: authority)) {
            try NodeCertificates.renew(in: directory, nodes: [1])
        }
    }
}
