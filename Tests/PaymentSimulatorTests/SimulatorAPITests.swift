import AsyncHTTPClient
import Foundation
import Logging
import NIOCore
import ServiceLifecycle
import Testing

@testable import payment_simulator

@Suite("Simulator API")
struct SimulatorAPITests {
    private static let charge = #"{"order_id":"ord_1","amount":100,"currency":"GBP","payment_method":"pm_card"}"#

    @Test("charges once per key, with the same answer each time")
    func charges() async throws {
        try await withSimulator { api async throws in
            let first = try await api.post("/v1/charges", key: "k", Self.charge)
            let second = try await api.post("/v1/charges", key: "k", Self.charge)
            #expect(first.status == 201 && second.status == 201)
            #expect(first.text == second.text)
            #expect(first["status"] == "succeeded")
            #expect(first["id"]?.hasPrefix("ch_") == true)
            #expect(first.replayed == nil && second.replayed == "true")
            #expect(try await api.get("/v1/charges?idempotency_key=k")["id"] == first["id"])
            #expect(try await api.get("/v1/ledger/summary").text.contains(#""charges":1,"#))
        }
    }

    @Test("a hundred requests under one key at once make one charge")
    func parallel() async throws {
        try await withSimulator { api async throws in
            let answers = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<100 { group.addTask { try await api.post("/v1/charges", key: "k", Self.charge).text } }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(answers.count == 1)
            #expect(try await api.get("/v1/ledger").text.contains(#""attempts":100,"#))
        }
    }

    @Test(
        "a malformed charge is refused, and nothing is charged",
        arguments: [
            (Self.charge, nil, 400, "idempotency_key_missing"),
            (Self.charge, "", 400, "idempotency_key_invalid"),
            (Self.charge, "with space", 400, "idempotency_key_invalid"),
            (Self.charge, String(repeating: "k", count: 256), 400, "idempotency_key_invalid"),
            ("", "k", 400, "invalid_request"),
            ("[]", "k", 400, "invalid_request"),
            (Self.charge.replacingOccurrences(of: "100", with: "-1"), "k", 400, "invalid_request"),
            (Self.charge.replacingOccurrences(of: "100", with: "1.5"), "k", 400, "invalid_request"),
            (Self.charge.replacingOccurrences(of: "100", with: "1000000000001"), "k", 400, "invalid_request"),
            (Self.charge.replacingOccurrences(of: "GBP", with: "gbp"), "k", 400, "invalid_request"),
            (Self.charge.replacingOccurrences(of: "ord_1", with: ""), "k", 400, "invalid_request"),
            (
                Self.charge.replacingOccurrences(of: "pm_card", with: String(repeating: "p", count: 256)), "k", 400,
                "invalid_request"
            ),
            (String(repeating: " ", count: Limits.bodyBytesMax) + Self.charge, "k", 413, "body_too_large"),
        ] as [(String, String?, Int, String)])
    func malformed(body: String, key: String?, status: Int, code: String) async throws {
        try await withSimulator { api async throws in
            let answer = try await api.post("/v1/charges", key: key, body)
            #expect(answer.status == status)
            #expect(answer.text.contains(#""code":"\#(code)""#), "\(answer.text)")
            #expect(try await api.get("/v1/ledger/summary").text.contains(#""charges":0,"#))
        }
    }

    @Test("another body under a key is 422, a key never seen 404, a voided key 409")
    func refusals() async throws {
        try await withSimulator { api async throws in
            _ = try await api.post("/v1/charges", key: "k", Self.charge)
            let other = Self.charge.replacingOccurrences(of: "100", with: "101")
            #expect(try await api.post("/v1/charges", key: "k", other).status == 422)
            #expect(try await api.get("/v1/charges?idempotency_key=never").status == 404)
            #expect(try await api.post("/v1/charges/late/void", key: nil, "")["status"] == "voided")
            #expect(try await api.post("/v1/charges", key: "late", Self.charge).status == 409)
            #expect(try await api.get("/v1/charges?idempotency_key=late")["status"] == "voided")
            #expect(try await api.get("/v1/ledger").text.contains(#""voided_keys":["late"]"#))
        }
    }

    @Test("refunds a charge")
    func refunds() async throws {
        try await withSimulator { api async throws in
            let id = try #require(try await api.post("/v1/charges", key: "k", Self.charge)["id"])
            let refund = #"{"charge_id":"\#(id)","amount":40}"#
            let first = try await api.post("/v1/refunds", key: "r", refund)
            #expect(first.status == 201)
            #expect(try await api.post("/v1/refunds", key: "r", refund).text == first.text)
            #expect(try await api.get("/v1/ledger").text.contains(#""refunded_amount":40,"#))
        }
    }

    @Test("switches are set, shown and cleared, and strike no request for the ledger")
    func switches() async throws {
        try await withSimulator { api async throws in
            #expect(try await api.put("/faults", #"{"fail_next":1,"decline":{"next":1}}"#).status == 200)
            #expect(try await api.get("/v1/ledger/summary").status == 200)
            #expect(try await api.post("/v1/charges", key: "k", Self.charge).status == 500)
            #expect(try await api.post("/v1/charges", key: "k", Self.charge)["status"] == "declined")
            #expect(try await api.post("/v1/charges", key: "l", Self.charge)["status"] == "succeeded")
            #expect(try await api.put("/faults", #"{"nonsense":1}"#).status == 400)
            #expect(try await api.put("/faults", #"{"error_500":true}"#).status == 200)
            #expect(try await api.delete("/faults").text == #"{"delay_ms":0,"refuse_connections_ms":0}"#)
            #expect(try await api.post("/v1/charges", key: "m", Self.charge).status == 201)
        }
    }
}

// MARK: - A client

struct SimulatorAPI: Sendable {
    struct Answer {
        let status: Int
        let text: String
        let replayed: String?

        /// A text field at the top of the body.
        subscript(name: String) -> String? {
            (try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])?[name] as? String
        }
    }

    /// Lives as long as the process. It takes a refused connection for an answer instead of trying again and again.
    private static let client: HTTPClient = {
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(configuration: configuration)
    }()

    let url: String

    func get(_ path: String) async throws -> Answer { try await send(.GET, path, nil, nil) }
    func delete(_ path: String) async throws -> Answer { try await send(.DELETE, path, nil, nil) }
    func put(_ path: String, _ body: String) async throws -> Answer { try await send(.PUT, path, nil, body) }
    func post(_ path: String, key: String?, _ body: String) async throws -> Answer {
        try await send(.POST, path, key, body)
    }

    private enum Method: String { case GET, PUT, POST, DELETE }

    private func send(_ method: Method, _ path: String, _ key: String?, _ body: String?) async throws -> Answer {
        var request = HTTPClientRequest(url: url + path)
        request.method = .init(rawValue: method.rawValue)
        if let key { request.headers.add(name: "idempotency-key", value: key) }
        if let body { request.body = .bytes(ByteBuffer(string: body)) }
        let response = try await Self.client.execute(request, timeout: .seconds(30))
        let text = String(buffer: try await response.body.collect(upTo: 1 << 20))
        return Answer(
            status: Int(response.status.code), text: text, replayed: response.headers.first(name: "idempotent-replayed")
        )
    }
}

/// Runs `body` against a simulator in this process, on a free port.
func withSimulator(_ body: @Sendable (SimulatorAPI) async throws -> Void) async throws {
    let (ports, bound) = AsyncStream<Int>.makeStream()
    let simulator = try PaymentSimulator(address: ("127.0.0.1", 0)) { _, port in bound.yield(port) }
    let service = ServiceGroup(services: [simulator], logger: Logger(label: "test"))
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
            defer { bound.finish() }
            try await service.run()
        }
        var ports = ports.makeAsyncIterator()
        let port = try #require(await ports.next())
        let outcome = await Result.catching { try await body(SimulatorAPI(url: "http://127.0.0.1:\(port)")) }
        await service.triggerGracefulShutdown()
        try await group.waitForAll()
        try outcome.get()
    }
}

extension Result where Success == Void, Failure == any Error {
    fileprivate static func catching(_ body: () async throws -> Void) async -> Self {
        do { return .success(try await body()) } catch { return .failure(error) }
    }
}
