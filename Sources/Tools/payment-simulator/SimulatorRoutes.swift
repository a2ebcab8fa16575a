import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// The HTTP API: charges, refunds, the ledger and the fault switches.
struct SimulatorRoutes: Sendable {
    let keeper: LedgerKeeper
    let switches: FaultSwitches
    /// What callers of the API prove themselves with; nil lets everybody in.
    let keyFile: String?

    /// Everything, on the address that callers know.
    func router() -> Router<SimulatorContext> {
        let router = controlRouter()
        router.group("v1")
            .add(middleware: KeyMiddleware(keyFile: keyFile))
            .add(middleware: FaultMiddleware(switches: switches))
            .post("charges", use: charge)
            .get("charges", use: lookUp)
            .post("charges/:key/void", use: void)
            .post("refunds", use: refund)
        return router
    }

    /// The ledger and the switches only. Faults never strike these.
    func controlRouter() -> Router<SimulatorContext> {
        let router = Router(context: SimulatorContext.self)
        router.get("v1/ledger") { _, _ in try json(LedgerReport(keeper.snapshot)) }
        router.get("v1/ledger/summary") { _, _ in try json(keeper.summary) }
        router.get("faults") { _, _ in try json(switches.faults) }
        router.put("faults") { request, _ in
            switches.faults = try await body(of: request)
            return try json(switches.faults)
        }
        router.delete("faults") { _, _ in
            switches.faults = Faults()
            return try json(switches.faults)
        }
        return router
    }

    // MARK: - Charges

    @Sendable private func charge(_ request: Request, context: SimulatorContext) async throws -> Response {
        let key = try key(of: request)
        let form: ChargeParameters = try await body(of: request)
        try form.validate()
        guard form.isMethodOfCustomer else { throw Refusal.methodNotOwned }
        if form.paymentMethod == MagicMethod.error.rawValue { throw Refusal.fault }
        let (id, time) = (freshID("ch_"), now())
        let answer = try await keeper.perform { ledger throws(Refusal) in
            try ledger.charge(form, key: key, id: id, at: time) {
                form.paymentMethod == MagicMethod.decline.rawValue || switches.strikes(.decline)
            }
        }
        if form.paymentMethod == MagicMethod.hang.rawValue { return try await context.hang(request) }
        return try created(ChargeReport(answer.value, in: .answer), isReplay: answer.isReplay)
    }

    @Sendable private func lookUp(_ request: Request, context: SimulatorContext) async throws -> Response {
        guard let key = request.uri.queryParameters["idempotency_key"].map(String.init) else {
            throw Refusal.keyMissing
        }
        try validate(key: key)
        // The answer may rest on a charge that is not durable yet; `perform` waits for it.
        let standing = try await keeper.perform { ledger in ledger.lookUp(key) }
        guard let standing else { throw Refusal.neverSeen }
        return try json(StandingReport(key: key, standing))
    }

    @Sendable private func void(_ request: Request, context: SimulatorContext) async throws -> Response {
        let key = try context.parameters.require("key")
        try validate(key: key)
        let standing = try await keeper.perform { ledger throws(Refusal) in try ledger.void(key) }
        return try json(StandingReport(key: key, standing))
    }

    @Sendable private func refund(_ request: Request, context: SimulatorContext) async throws -> Response {
        let key = try key(of: request)
        let form: RefundParameters = try await body(of: request)
        try form.validate()
        let (id, time) = (freshID("re_"), now())
        let answer = try await keeper.perform { ledger throws(Refusal) in
            try ledger.refund(form, key: key, id: id, at: time)
        }
        return try created(RefundReport(answer.value, in: .answer), isReplay: answer.isReplay)
    }

    // MARK: - Parts of requests and answers

    private func created(_ report: some Encodable, isReplay: Bool) throws -> Response {
        var response = try json(report, status: .created)
        if isReplay { response.headers[.idempotentReplayed] = "true" }
        return response
    }

    private func key(of request: Request) throws(Refusal) -> String {
        guard let key = request.headers[.idempotencyKey] else { throw .keyMissing }
        try validate(key: key)
        return key
    }

    private func validate(key: String) throws(Refusal) {
        guard (1...Limits.keyLengthMax).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
        else {
            throw .keyInvalid
        }
    }

    private func body<Form: Decodable>(of request: Request) async throws -> Form {
        var request = request
        let buffer = try await request.collectBoundedBody()
        do {
            return try JSONDecoder().decode(Form.self, from: Data(buffer.readableBytesView))
        } catch let error as DecodingError {
            throw Refusal.malformed(error.sentence)
        }
    }

    private func freshID(_ prefix: String) -> String {
        var generator = SystemRandomNumberGenerator()
        let bits = (generator.next() as UInt64, generator.next() as UInt64)
        return prefix + [bits.0, bits.1].map { String($0 | 1 << 63, radix: 36) }.joined()
    }

    private func now() -> String { Date.now.formatted(.iso8601) }
}

/// Payment methods that behave as their names say, whatever the switches.
enum MagicMethod: String {
    case decline = "pm_decline"
    /// Charges, then never answers.
    case hang = "pm_hang"
    /// 500, and no charge.
    case error = "pm_error"
}

extension HTTPField.Name {
    static let idempotencyKey = Self("Idempotency-Key")!
    static let idempotentReplayed = Self("Idempotent-Replayed")!
}

extension DecodingError {
    /// What was wrong, and where, for the person who sent it.
    fileprivate var sentence: String {
        switch self {
        case .keyNotFound(let key, _): "\(key.stringValue) is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            (context.codingPath.map(\.stringValue) + [context.debugDescription]).joined(separator: ": ")
        @unknown default: "the body is not what it should be"
        }
    }
}

extension ChargeParameters {
    func validate() throws(Refusal) {
        try validateText(orderID, "order_id")
        if let customerID { try validateText(customerID, "customer_id") }
        try validateText(paymentMethod, "payment_method")
        try validateAmount(amount)
        guard currency.utf8.count == 3, currency.utf8.allSatisfy({ (0x41...0x5a).contains($0) }) else {
            throw .malformed("currency is three capital letters")
        }
    }
}

extension RefundParameters {
    func validate() throws(Refusal) {
        try validateText(chargeID, "charge_id")
        try validateAmount(amount)
    }
}

private func validateText(_ text: String, _ name: String) throws(Refusal) {
    guard (1...Limits.textLengthMax).contains(text.utf8.count) else {
        throw .malformed("\(name) has 1 to \(Limits.textLengthMax) bytes")
    }
}

private func validateAmount(_ amount: Int64) throws(Refusal) {
    guard (0...Limits.amountMax).contains(amount) else { throw .malformed("amount is 0 to \(Limits.amountMax)") }
}
