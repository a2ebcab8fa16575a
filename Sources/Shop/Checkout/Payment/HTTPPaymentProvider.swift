import AsyncHTTPClient
import Commerce
import Foundation
import Logging
import NIOCore
import NIOPosix
import Synchronization

/// A provider behind its HTTP API, as the payment simulator speaks it.
///
/// Each attempt ends within `PaymentPolicy.attemptTimeLimit`. It neither retries nor follows redirects: that is the
/// guard's business.
public final class HTTPPaymentProvider: PaymentProvider {
    /// The method sent for a customer's default one.
    public static let defaultMethod = "pm_default"
    /// The answers are some hundred bytes; a page of a proxy may be more, and is no answer.
    static let answerBytesMax = 64 * 1_024

    private let client: HTTPClient
    /// Without a slash at its end.
    let base: String
    private let api: String
    private let authorization: Mutex<String?>
    private let attemptTimeLimit: Duration
    private let logger: Logger

    /// An address that no request can be sent to. It is not repeated, for it may hold a secret.
    public enum MalformedURL: Error, Hashable, CustomStringConvertible {
        case noAddress
        /// Arguments and environments can be read by others on the machine, and addresses end in logs.
        case credentials

        public var description: String {
            switch self {
            case .noAddress:
                "the address of the payment provider is a URL without query or fragment, such as http://127.0.0.1:9090"
            case .credentials:
                "the address of the payment provider holds a user or a password; the key belongs in a file of its own"
            }
        }
    }

    /// - Parameters:
    ///   - url: where the provider is, such as `http://127.0.0.1:9090`.
    ///   - key: what the provider knows the shop by; nil for one that asks for none.
    public init(
        url: String, key: PaymentKey? = nil, policy: PaymentPolicy = PaymentPolicy(),
        logger: Logger = Logger(label: "payments")
    ) throws(MalformedURL) {
        guard let parts = URLComponents(string: url), ["http", "https"].contains(parts.scheme),
            parts.host?.isEmpty == false, parts.query == nil, parts.fragment == nil
        else { throw .noAddress }
        guard parts.user == nil, parts.password == nil else { throw .credentials }
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: .init(connect: TimeAmount(policy.connectTimeLimit), read: TimeAmount(policy.attemptTimeLimit)))
        configuration.httpVersion = .http1Only
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = policy.connectionsMax
        // A refused connection is an answer; whether to try again is the guard's decision.
        configuration.connectionPool.retryConnectionEstablishment = false
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        base = url.hasSuffix("/") ? String(url.dropLast()) : url
        api = base + "/v1"
        authorization = Mutex(key?.authorization)
        attemptTimeLimit = policy.attemptTimeLimit
        self.logger = logger
    }

    /// Sends `key` with every request that begins from now on.
    public func use(_ key: PaymentKey) { authorization.withLock { $0 = key.authorization } }

    /// Closes the connections. Calls under way fail; no call may follow.
    public func shutdown() async throws {
        try await client.shutdown()
    }

    public func charge(_ request: ChargeRequest) async throws(PaymentFailure) -> ChargeOutcome {
        let order = request.order.description
        let answer = try await post(
            "/charges", key: order,
            ChargeForm(
                orderID: order, customerID: request.customer.description, amount: request.amount.amount,
                currency: request.amount.currency.description, paymentMethod: request.method ?? Self.defaultMethod))
        switch try answer.charge() {
        case .succeeded(let charge): return .succeeded(charge)
        case .declined(let code): return .declined(code: code)
        case .voided: throw .voided
        case .absent: throw .unknown(.malformedAnswer)
        }
    }

    public func lookUp(_ order: OrderID) async throws(PaymentFailure) -> ChargeLookup {
        let answer = try await send(HTTPClientRequest(url: api + "/charges?idempotency_key=\(order)"))
        if answer.status == 404, answer.errorCode == "never_seen" { return .absent }
        return try answer.charge()
    }

    public func void(_ order: OrderID) async throws(PaymentFailure) {
        var request = HTTPClientRequest(url: api + "/charges/\(order)/void")
        request.method = .POST
        switch try await send(request).charge() {
        case .voided, .declined: return
        case .succeeded, .absent: throw .unknown(.malformedAnswer)
        }
    }

    public func refund(_ request: RefundRequest) async throws(PaymentFailure) -> RefundID {
        let answer = try await post(
            "/refunds", key: request.key,
            RefundForm(chargeID: request.charge.description, amount: request.amount.amount))
        let form: RefundAnswer = try answer.decoded()
        guard let refund = RefundID(form.id) else { throw .unknown(.malformedAnswer) }
        return refund
    }

    // MARK: - One attempt

    private func post(_ path: String, key: String, _ form: some Encodable) async throws(PaymentFailure)
        -> ProviderAnswer
    {
        var request = HTTPClientRequest(url: api + path)
        request.method = .POST
        request.headers = ["content-type": "application/json", "idempotency-key": key]
        do {
            request.body = .bytes(ByteBuffer(bytes: try JSONEncoder().encode(form)))
        } catch {
            preconditionFailure("strings and integers are always JSON: \(error)")
        }
        return try await send(request)
    }

    func send(_ request: HTTPClientRequest) async throws(PaymentFailure) -> ProviderAnswer {
        let (client, limit) = (client, attemptTimeLimit)
        var request = request
        if let authorization = authorization.withLock(\.self) {
            request.headers.replaceOrAdd(name: "authorization", value: authorization)
        }
        do {
            let answer = try await withThrowingTaskGroup(of: ProviderAnswer.self) { [request] group in
                group.addTask {
                    let response = try await client.execute(request, timeout: TimeAmount(limit))
                    let body = try await response.body.collect(upTo: Self.answerBytesMax)
                    return ProviderAnswer(status: Int(response.status.code), body: Data(body.readableBytesView))
                }
                // The client's own limit ends with the head of the response; this one holds for the body too.
                group.addTask {
                    try await Task.sleep(for: limit)
                    throw HTTPClientError.deadlineExceeded
                }
                defer { group.cancelAll() }
                return try await group.next()!
            }
            if answer.status == ProviderAnswer.unauthorized {
                logger.error("The payment provider does not take the shop's key")
            }
            return answer
        } catch {
            throw Self.failure(for: error)
        }
    }

    /// Ends before a connection was there.
    private static let beforeSending: [HTTPClientError] = [.connectTimeout, .tlsHandshakeTimeout]
    private static let timeouts: [HTTPClientError] = [.deadlineExceeded, .readTimeout, .writeTimeout]

    /// What an error of the client says about the request. Whatever is not known to come before the request is
    /// `unknown`.
    private static func failure(for error: any Error) -> PaymentFailure {
        if Task.isCancelled { return .unknown(.cancelled) }
        switch error {
        case is NIOConnectionError: return .unreachable
        case let error as IOError where error.errnoCode == ECONNREFUSED: return .unreachable
        // All connections were busy: that is no fault of the provider's.
        case let error as HTTPClientError where error == .getConnectionFromPoolTimeout: return .overloaded
        case let error as HTTPClientError where beforeSending.contains(error): return .unreachable
        case let error as HTTPClientError where timeouts.contains(error): return .unknown(.timedOut)
        case is NIOTooManyBytesError: return .unknown(.malformedAnswer)
        default: return .unknown(.connectionLost)
        }
    }
}

extension TimeAmount {
    /// To the nanosecond.
    fileprivate init(_ duration: Duration) {
        self = .nanoseconds(Int64(duration / .nanoseconds(1)))
    }
}
