import ArgumentParser
import Workload

/// Whose certificates are believed, for every tool that may speak TLS to a gateway.
struct TrustOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A PEM file of the authority behind a gateway's certificate, instead of those that this machine trusts.",
            valueName: "file"))
    var caFile: String?

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Nil for those that the machine trusts.
    ///
    /// - Throws: for a file that cannot be read, or has no certificate.
    func certificates() throws -> TrustedCertificates? {
        guard let caFile else { return nil }
        let text = try TextFile.read(caFile)
        do {
            return try TrustedCertificates(pem: text)
        } catch {
            throw Failure(description: "\(caFile): \(error)")
        }
    }
}
