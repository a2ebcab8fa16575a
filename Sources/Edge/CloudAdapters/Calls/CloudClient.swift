import AsyncHTTPClient
import Checkout
import EventSourcing
import Foundation
import NIOCore
import Synchronization

/// Calls one service with signed requests, again where that is worth it, within limits.
///
/// It follows no redirect: a signature is for one host.
final class CloudClient: Sendable {
    /// Differences below are no reason why a signature should be refused.
    private static let skewMin = Duration.seconds(60)

    private let settings: CloudSettings
    private let policy: CloudPolicy
    private let signer: RequestSigner
    private let http: HTTPClient
    private let credentials: CredentialStore
    private let decisions: Mutex<CloudGuard>
    private let clock: @Sendable () -> Timestamp
    private let origin = ContinuousClock.now

    /// - Parameter clock: the time that requests are signed with.
    init(_ settings: CloudSettings, policy: CloudPolicy, clock: @escaping @Sendable () -> Timestamp) {
        self.settings = settings
        self.policy = policy
        self.clock = clock
        signer = RequestSigner(settings.service, region: settings.region)
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: .init(
                connect: TimeAmount(policy.connectTimeLimit), read: TimeAmount(policy.attemptTimeLimit)))
        configuration.httpVersion = .http1Only
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = policy.connectionsMax
        configuration.connectionPool.retryConnectionEstablishment = false
        http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        credentials = CredentialStore(settings.sources, over: http)
        decisions = Mutex(CloudGuard(policy, generator: SystemRandomNumberGenerator()))
    }

    /// Closes the connections. Calls under way fail; no call may follow.
    func shutdown() async { try? await http.shutdown() }

    /// - Parameter bytesMax: of the answer's body.
    /// - Returns: an answer of the 200s.
    func send(_ request: CloudRequest, answerUpTo bytesMax: Int) async throws(CloudFailure) -> CloudAnswer {
        var call = decisions.withLock { $0.begin(at: elapsed) }
        while true {
            switch decisions.withLock({ [call] in $0.admit(call, at: elapsed) }) {
            case .fail(let failure): throw failure
            case .pause(let pause): try await rest(pause)
            case .attempt(let permit):
                let outcome: CloudGuard.Outcome
                let answer: CloudAnswer?
                do throws(CloudFailure) {
                    (outcome, answer) = try await attempt(request, answerUpTo: bytesMax)
                    if Task.isCancelled { throw .cancelled }
                } catch {
                    decisions.withLock { $0.abandon(permit, at: elapsed) }
                    throw error
                }
                let directive: CloudGuard.Directive?
                (directive, call) = decisions.withLock { [call] decisions in
                    var call = call
                    return (decisions.ended(outcome, of: &call, permit, at: elapsed), call)
                }
                switch directive {
                case nil:
                    guard let answer else { preconditionFailure("what is done has an answer") }
                    return answer
                case .fail(let failure): throw failure
                case .pause(let pause): try await rest(pause)
                case .attempt: preconditionFailure("an attempt follows a pause")
                }
            }
        }
    }

    private var elapsed: Duration { origin.duration(to: .now) }

    private func rest(_ pause: Duration) async throws(CloudFailure) {
        do { try await Task.sleep(for: pause) } catch { throw .cancelled }
    }

    // MARK: - One attempt

    /// - Throws: `noCredentials`.
    private func attempt(
        _ request: CloudRequest, answerUpTo bytesMax: Int
    ) async throws(CloudFailure) -> (CloudGuard.Outcome, CloudAnswer?) {
        let credentials = try await self.credentials.credentials(at: clock())
        let signedAt = clock() + decisions.withLock { $0.skew }
        var message = HTTPClientRequest(url: settings.endpoint.origin + request.target)
        message.method = .init(rawValue: request.method.rawValue)
        let host = settings.endpoint.host
        for header in signer.headers(for: request, host: host, with: credentials, at: signedAt) {
            message.headers.add(name: header.name, value: header.value)
        }
        if !request.body.isEmpty || request.method == .put || request.method == .post {
            message.body = .bytes(ByteBuffer(bytes: request.body))
        }
        do {
            let answer = try await exchange(message, bytesMax)
            guard !(200..<300).contains(answer.status) else { return (.done, answer) }
            return (await outcome(of: answer, signedAt, credentials), nil)
        } catch {
            return (.unanswered("\(error)"), nil)
        }
    }

    private func exchange(_ message: HTTPClientRequest, _ bytesMax: Int) async throws -> CloudAnswer {
        let (http, limit) = (http, policy.attemptTimeLimit)
        return try await withThrowingTaskGroup(of: CloudAnswer.self) { group in
            group.addTask {
                let response = try await http.execute(message, timeout: TimeAmount(limit))
                let body = try await response.body.collect(upTo: bytesMax)
                return CloudAnswer(
                    status: Int(response.status.code), headers: response.headers, body: [UInt8](buffer: body))
            }
            // The client's own limit ends with the head of the response; this one holds for the body too.
            group.addTask {
                try await Task.sleep(for: limit)
                throw HTTPClientError.deadlineExceeded
            }
            defer { group.cancelAll() }
            return try await group.next()!
        }
    }

    private func outcome(
        of answer: CloudAnswer, _ signedAt: Timestamp, _ credentials: CloudCredentials
    ) async -> CloudGuard.Outcome {
        let refusal = CloudRefusal(answer)
        if refusal.isExpiry {
            await self.credentials.end(credentials)
            return .expired(refusal)
        }
        if refusal.mayBeSkew, let told = answer.header("date").flatMap(HTTPTime.init) {
            let difference = told.moment.since(signedAt)
            if abs(difference / .seconds(1)) >= Self.skewMin / .seconds(1) { return .skewed(by: difference) }
        }
        return .refused(refusal)
    }
}

extension TimeAmount {
    /// To the nanosecond.
    init(_ duration: Duration) { self = .nanoseconds(Int64(duration / .nanoseconds(1))) }
}
