import AsyncHTTPClient
import EventSourcing
import Foundation
import NIOCore

/// What the service beside a container hands out: `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI` or `…_FULL_URI`, with
/// `AWS_CONTAINER_AUTHORIZATION_TOKEN` or `…_TOKEN_FILE`.
struct ContainerCredentials: CredentialSource {
    /// Of the task's own host, for a path alone.
    private static let taskHost = "http://169.254.170.2"
    /// Where a whole address may lead in the clear: a secret comes from there, and a token goes there.
    private static let hosts: Set<String> = [
        "127.0.0.1", "localhost", "[::1]", "::1", "169.254.170.2", "169.254.170.23", "[fd00:ec2::23]", "fd00:ec2::23",
    ]
    private static let answerBytesMax = 64 << 10
    private static let timeLimit = TimeAmount.seconds(5)

    let environment: [String: String]

    private struct Answer: Decodable {
        let AccessKeyId: String
        let SecretAccessKey: String
        let Token: String?
        let Expiration: Date?
    }

    func credentials(over http: HTTPClient) async throws(CloudFailure) -> CloudCredentials? {
        guard let address = try address() else { return nil }
        var request = HTTPClientRequest(url: address)
        if let token = try token() { request.headers.add(name: "authorization", value: token) }
        let body: ByteBuffer
        do {
            let answer = try await http.execute(request, timeout: Self.timeLimit)
            guard answer.status == .ok else {
                throw CloudFailure.noCredentials(reason: "the container's service answered \(answer.status.code)")
            }
            body = try await answer.body.collect(upTo: Self.answerBytesMax)
        } catch let failure as CloudFailure {
            throw failure
        } catch {
            throw .noCredentials(reason: "the container's service does not answer: \(error)")
        }
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        guard let found = try? decoder.decode(Answer.self, from: Data(body.readableBytesView)) else {
            throw .noCredentials(reason: "the container's service answers with something else")
        }
        return CloudCredentials(
            accessKeyID: found.AccessKeyId, secretKey: found.SecretAccessKey, sessionToken: found.Token,
            expiry: found.Expiration.map { Timestamp(milliseconds: Int64($0.timeIntervalSince1970 * 1_000)) })
    }

    private func address() throws(CloudFailure) -> String? {
        if let path = environment["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"], path.hasPrefix("/") {
            return Self.taskHost + path
        }
        guard let text = environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"], !text.isEmpty else { return nil }
        guard let parts = URLComponents(string: text), let host = parts.host, parts.user == nil,
            parts.scheme == "https" || parts.scheme == "http" && Self.hosts.contains(host)
        else {
            throw .noCredentials(reason: "AWS_CONTAINER_CREDENTIALS_FULL_URI leads neither to this host nor over TLS")
        }
        return text
    }

    /// Read anew each time, for it is replaced.
    private func token() throws(CloudFailure) -> String? {
        guard let path = environment["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"], !path.isEmpty else {
            return environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"]
        }
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw .noCredentials(reason: "\(path) cannot be read")
        }
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
