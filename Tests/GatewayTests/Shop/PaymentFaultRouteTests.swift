import Checkout
import Synchronization
import Testing

@testable import Gateway

@Suite("The payment simulator's fault switches over HTTP", .timeLimit(.minutes(10)))
struct PaymentFaultRouteTests {
    /// A simulator that knows the switch `decline`.
    private final class Switches: PaymentFaultSwitches {
        let json = Mutex("{}")
        let isAway = Atomic(false)

        func faults(_ request: PaymentFaultRequest) async throws(PaymentFailure) -> [UInt8] {
            if isAway.load(ordering: .relaxed) { throw .unreachable }
            switch request {
            case .look: break
            case .set(let bytes):
                let text = String(decoding: bytes, as: UTF8.self)
                guard text.contains("decline") else { throw .rejected(status: 400, code: "malformed") }
                json.withLock { $0 = text }
            case .clear: json.withLock { $0 = "{}" }
            }
            return Array(json.withLock { $0 }.utf8)
        }
    }

    private static let path = "/payments/faults"

    @Test("administrators look at them, set them and set them back; no other role does")
    func administrators() async throws {
        let switches = Switches()
        try await ShopFixture.run(shards: 1, faultSwitches: switches) { fixture in
            for role in [Principal.Role.customer, .staff] {
                let token = try await fixture.token(role)
                #expect(try await fixture.send(.get, Self.path, token: token).status == 403)
                #expect(try await fixture.send(.put, Self.path, #"{"decline":1}"#, token: token).status == 403)
            }
            #expect(try await fixture.send(.get, Self.path).status == 401)
            let token = try await fixture.token(.admin)
            let set = try await fixture.send(.put, Self.path, #"{"decline":0.5}"#, token: token)
            #expect(set.status == 200 && set.text == #"{"decline":0.5}"#)
            #expect(try await fixture.send(.get, Self.path, token: token).text == #"{"decline":0.5}"#)
            #expect(try await fixture.send(.delete, Self.path, token: token).text == "{}")
        }
    }

    @Test("what the simulator does not know is 422, and its silence 503")
    func refusals() async throws {
        let switches = Switches()
        try await ShopFixture.run(shards: 1, faultSwitches: switches) { fixture in
            let token = try await fixture.token(.admin)
            #expect(try await fixture.send(.put, Self.path, #"{"fire":1}"#, token: token).status == 422)
            #expect(try await fixture.send(.put, Self.path, "{", token: token).status == 400)
            switches.isAway.store(true, ordering: .relaxed)
            let away = try await fixture.send(.get, Self.path, token: token)
            #expect(away.status == 503 && away.string("code") == "payment_unavailable", "\(away.text)")
        }
    }

    @Test("a shop whose payments are no simulator's has none")
    func absent() async throws {
        try await ShopFixture.run(shards: 1) { fixture in
            let token = try await fixture.token(.admin)
            #expect(try await fixture.send(.get, Self.path, token: token).status == 404)
            #expect(try await fixture.send(.put, Self.path, #"{"decline":1}"#, token: token).status == 404)
            #expect(try await fixture.send(.delete, Self.path, token: token).status == 404)
        }
    }
}
