import EventSourcing
import Foundation

/// Reads secrets of AWS Secrets Manager.
public struct SecretsManager: Sendable {
    /// The service's own limit of 64 KiB, with each byte escaped.
    private static let answerBytesMax = 512 << 10
    /// A secret by its name: the stage is said, for a service that is left to choose may give an earlier version.
    private static let stage = "AWSCURRENT"

    private let client: CloudClient

    private struct Call: Encodable {
        let SecretId: String
        let VersionStage: String
    }

    private struct Answer: Decodable {
        let SecretString: String?
        let SecretBinary: Data?
    }

    /// A node that starts waits for its secrets; one that runs asks again soon.
    public static let secretsPolicy: CloudPolicy = {
        var policy = CloudPolicy()
        policy.attemptTimeLimit = .seconds(10)
        policy.timeLimit = .seconds(30)
        policy.connectionsMax = 1
        policy.retries.perCallMax = 4
        return policy
    }()

    /// Opens a client for the length of `body`.
    ///
    /// - Parameter clock: the time that requests are signed with.
    public static func with<Result>(
        _ settings: CloudSettings, policy: CloudPolicy = secretsPolicy, clock: @escaping @Sendable () -> Timestamp,
        _ body: (SecretsManager) async throws -> Result
    ) async throws -> Result {
        let client = CloudClient(settings, policy: policy, clock: clock)
        do {
            let result = try await body(SecretsManager(client: client))
            await client.shutdown()
            return result
        } catch {
            await client.shutdown()
            throw error
        }
    }

    /// The current version of a secret.
    ///
    /// - Parameter name: or its ARN.
    public func secret(_ name: String) async throws(CloudFailure) -> SecretContent {
        let body: Data
        do {
            body = try JSONEncoder().encode(Call(SecretId: name, VersionStage: Self.stage))
        } catch {
            preconditionFailure("texts are always JSON: \(error)")
        }
        let request = CloudRequest(
            .post, "/",
            headers: [
                .init("content-type", "application/x-amz-json-1.1"),
                .init("x-amz-target", "secretsmanager.GetSecretValue"),
            ], body: [UInt8](body))
        let told = try await client.send(request, answerUpTo: Self.answerBytesMax)
        guard let answer = try? JSONDecoder().decode(Answer.self, from: Data(told.body)),
            let bytes = answer.SecretString.map({ Array($0.utf8) }) ?? answer.SecretBinary.map({ [UInt8]($0) })
        else { throw .malformedAnswer("no secret is in it") }
        return SecretContent(bytes: bytes)
    }
}
