import CloudAdapters
import Foundation
import Logging
import ServiceLifecycle

/// Brings what the configuration keeps in AWS Secrets Manager into the node's files, before they are read and again
/// while it runs. The parts of the node watch those files, as they watch an operator's own.
actor FetchedSecrets: Service {
    private let settings: NodeConfiguration.SecretSettings
    private let cloud: CloudSettings
    private let logger: Logger
    /// By the settings' names.
    private var contents: [String: [UInt8]] = [:]

    /// Fetches all of them.
    ///
    /// - Returns: nil where the configuration names none.
    /// - Throws: `NodeConfiguration.UnusableSecret`, or why a file cannot be written.
    static func open(_ configuration: NodeConfiguration, logger: Logger) async throws -> FetchedSecrets? {
        guard !configuration.secrets.references.isEmpty else { return nil }
        let secrets = FetchedSecrets(
            configuration.secrets,
            cloud: try CloudSettings(.secretsManager, environment: ProcessInfo.processInfo.environment),
            logger: logger)
        try await secrets.fetch()
        return secrets
    }

    private init(_ settings: NodeConfiguration.SecretSettings, cloud: CloudSettings, logger: Logger) {
        self.settings = settings
        self.cloud = cloud
        self.logger = logger
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while true {
                do { try await Task.sleep(for: self.settings.refresh) } catch { return }
                await self.refresh()
            }
        }
    }

    private func refresh() async {
        do {
            if try await fetch() { logger.info("Secrets have new versions") }
        } catch {
            guard !Task.isCancelled else { return }
            logger.error("Secrets cannot be fetched; those of before stay", metadata: ["error": "\(error)"])
        }
    }

    /// - Returns: whether any value is another than before.
    @discardableResult
    private func fetch() async throws -> Bool {
        let references = settings.references
        let found = try await SecretsManager.with(cloud, clock: Engine.now) { manager in
            var secrets: [String: SecretContent] = [:]
            var found: [String: [UInt8]] = [:]
            for reference in references {
                do throws(CloudFailure) {
                    let name = reference.secret.name
                    // One version of a secret holds a certificate and its key.
                    let secret = if let known = secrets[name] { known } else { try await manager.secret(name) }
                    secrets[name] = secret
                    found[reference.setting] = try secret.value(of: reference.secret)
                } catch {
                    throw NodeConfiguration.UnusableSecret(reference: reference, reason: error)
                }
            }
            return found
        }
        guard found != contents else { return false }
        try settings.folder.replace(with: found)
        contents = found
        return true
    }
}

extension NodeConfiguration {
    /// Why what a setting keeps in AWS Secrets Manager cannot be had.
    struct UnusableSecret: Error, CustomStringConvertible {
        let reference: SecretSettings.Reference
        let reason: CloudFailure

        var description: String { "\(reference.setting): \(reference.secret): \(reason)" }
    }
}
