import EventSourcing
import Gateway
import Logging
import ServiceLifecycle
import UnixSignals

/// Puts a renewed certificate into use while the node runs: when its files change, and on SIGHUP.
final class CertificateRenewal: Service {
    /// Two looks at two files cost nothing that could be measured.
    private static let pause = Duration.seconds(1)

    let certificate: ServerCertificate
    private let logger: Logger

    private init(_ certificate: ServerCertificate, logger: Logger) {
        self.certificate = certificate
        self.logger = logger
    }

    static func open(certificate: String, key: String, logger: Logger) throws -> CertificateRenewal {
        let opened = try NodeConfiguration.Unusable.unless(NodeConfiguration.tlsKey) {
            try ServerCertificate(certificate: certificate, key: key)
        }
        if opened.notAfter <= Engine.now() {
            logger.warning("The certificate has expired", metadata: ["path": .string(certificate)])
        }
        return CertificateRenewal(opened, logger: logger)
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask {
                    while !Task.isCancelled {
                        self.renew(isForced: false)
                        try? await Task.sleep(for: Self.pause)
                    }
                }
                group.addTask {
                    for await _ in await UnixSignalsSequence(trapping: .sighup) { self.renew(isForced: true) }
                }
            }
        }
    }

    private func renew(isForced: Bool) {
        switch certificate.renew(at: Engine.now(), isForced: isForced) {
        case .unchanged: break
        case .renewed:
            logger.info(
                "The certificate is renewed",
                metadata: ["not_after_seconds": "\(certificate.notAfter.microseconds / 1_000_000)"])
        case .refused(let failure):
            logger.error(
                "The new certificate cannot be used; the one before stays", metadata: ["error": "\(failure)"])
        }
    }
}
