import CertificateTesting
import EventSourcing
import Foundation
import Testing

@testable import Gateway

@Suite("The certificate of the server")
struct ServerCertificateTests {
    private let now = Timestamp(microseconds: 1_800_000_000_000_000)

    private final class Files {
        let folder = FileManager.default.temporaryDirectory.appending(path: "tls-\(UUID().uuidString)")
        var certificate: String { folder.appending(path: "tls.pem").path }
        var key: String { folder.appending(path: "tls.key").path }

        init(_ certificate: String, _ key: String, mode: Int = 0o600) throws {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try write(certificate, to: self.certificate, mode: 0o644)
            try write(key, to: self.key, mode: mode)
        }

        /// Replaces the file, as programs that renew certificates do.
        func write(_ text: String, to path: String, mode: Int = 0o600) throws {
            let draft = folder.appending(path: UUID().uuidString).path
            try #require(
                FileManager.default.createFile(
                    atPath: draft, contents: Data(text.utf8), attributes: [.posixPermissions: mode]))
            try #require(rename(draft, path) == 0)
        }

        deinit { try? FileManager.default.removeItem(at: folder) }
    }

    private func open(_ files: Files) throws(ServerCertificate.Failure) -> ServerCertificate {
        try ServerCertificate(certificate: files.certificate, key: files.key)
    }

    @Test("files that are no good are refused by name, and nothing of them is shown")
    func refusals() throws {
        func failure(_ certificate: String, _ key: String, mode: Int = 0o600) throws -> ServerCertificate.Failure {
            let files = try Files(certificate, key, mode: mode)
            return try #require(#expect(throws: ServerCertificate.Failure.self) { try open(files) })
        }
        let (good, key) = (TestCertificates.first, TestCertificates.firstKey)
        #expect(try failure("nonsense", key).kind == "noCertificate")
        #expect(try failure(good, "nonsense").kind == "noKey")
        #expect(try failure(good, good).kind == "noKey")
        #expect(try failure(good, TestCertificates.secondKey).kind == "mismatch")
        #expect(try failure(good, key, mode: 0o644).kind == "key")
        let missing = try Files(good, key)
        try FileManager.default.removeItem(atPath: missing.certificate)
        #expect(throws: ServerCertificate.Failure.unreadable(path: missing.certificate)) { try open(missing) }
    }

    @Test("replaced files are read once; broken or expired ones leave what was there, and are read again when mended")
    func renewal() throws {
        let files = try Files(TestCertificates.first, TestCertificates.firstKey)
        let certificate = try open(files)
        let before = certificate.context
        #expect(certificate.renew(at: now).kind == "unchanged")

        // The certificate comes first, and does not fit the old key yet.
        try files.write(TestCertificates.second, to: files.certificate)
        #expect(certificate.renew(at: now).kind == "mismatch")
        #expect(certificate.renew(at: now).kind == "unchanged")
        #expect(certificate.context === before)
        try files.write(TestCertificates.secondKey, to: files.key)
        #expect(certificate.renew(at: now).kind == "renewed")
        let after = certificate.context
        #expect(after !== before)

        try files.write(TestCertificates.expired, to: files.certificate)
        try files.write(TestCertificates.firstKey, to: files.key)
        #expect(certificate.renew(at: now).kind == "expired")
        try files.write("", to: files.key)
        #expect(certificate.renew(at: now).kind == "noKey")
        #expect(certificate.context === after)
        #expect(certificate.renew(at: now, isForced: true).kind == "noKey")
    }
}

extension ServerCertificate.Failure {
    /// The name of the case.
    fileprivate var kind: String { Mirror(reflecting: self).children.first?.label ?? "" }
}

extension ServerCertificate.Renewal {
    fileprivate var kind: String {
        switch self {
        case .unchanged: "unchanged"
        case .renewed: "renewed"
        case .refused(let failure): failure.kind
        }
    }
}
