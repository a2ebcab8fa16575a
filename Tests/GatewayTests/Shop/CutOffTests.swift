import Accounts
import Commerce
import EventSourcing
import Foundation
import HTTPTypes
import Logging
import Testing

@testable import Gateway

/// What a node answers that no leader answers.
@Suite("A node without a leader", .timeLimit(.minutes(10)))
struct CutOffTests {
    @Test("takes no tokens once it has not heard of a leader for a second, and takes them again when it has")
    func staleTokens() async throws {
        let cut = Cut()
        try await ShopFixture.run(isAlone: false, through: cut) { fixture in
            let token = try await fixture.token(.staff)
            try await Self.wait(fixture, token, for: 200)
            cut.isMade = true
            let began = ContinuousClock.now
            let refused = try await Self.wait(fixture, token, for: 503)
            let waited = ContinuousClock.now - began
            #expect(waited > .milliseconds(500), "\(waited)")
            #expect(refused.code == "no_leader" && refused.headers[.retryAfter] == "1")
            // What needs no token is answered from what is here, for a client that takes what may be old.
            let stale: HTTPFields = [.consistency: "stale-ok"]
            #expect(try await fixture.send(.get, "/products", headers: stale).status == 200)
            #expect(try await fixture.send(.get, "/products").code == "no_leader")
            cut.isMade = false
            try await Self.wait(fixture, token, for: 200)
        }
    }

    @discardableResult
    private static func wait(_ fixture: ShopFixture, _ token: String, for status: Int) async throws -> Reply {
        while true {
            let reply = try await fixture.send(.get, "/products", token: token, headers: [.consistency: "stale-ok"])
            if reply.status == status { return reply }
            try #require([200, 503].contains(reply.status))
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    @Test("a node alone takes tokens whatever its leaders do")
    func alone() async throws {
        let cut = Cut()
        try await ShopFixture.run(through: cut) { fixture in
            let token = try await fixture.token(.staff)
            cut.isMade = true
            try await Task.sleep(for: .milliseconds(1_200))
            let stale: HTTPFields = [.consistency: "stale-ok"]
            #expect(try await fixture.send(.get, "/products", token: token, headers: stale).status == 200)
        }
    }

    @Test("the end of a session is known to every node within a second, from the log",
        arguments: SessionEndTests.Ending.allCases)
    func ending(ending: SessionEndTests.Ending) async throws {
        try await ShopFixture.run { fixture in
            let (id, login) = try await SessionEndTests.logInStaff(fixture)
            let token = login.string("access_token")
            try await fixture.restarted(isAlone: false) { other in
                _ = try await other.verifier.verify(token, now: ShopFixture.now())
                try await SessionEndTests.end(ending, fixture, id, login)
                let ended = ContinuousClock.now
                while (try? await other.verifier.verify(token, now: ShopFixture.now())) != nil {
                    try #require(ContinuousClock.now - ended < .seconds(1))
                    try await Task.sleep(for: .milliseconds(5))
                }
            }
        }
    }

    /// A request that needs a leader.
    struct Need: Sendable, CustomTestStringConvertible {
        let method: HTTPRequest.Method
        let path: String
        var body: String?
        var role = Principal.Role.admin

        var testDescription: String { "\(method) \(path)" }

        init(_ method: HTTPRequest.Method, _ path: String, _ body: String? = nil, _ role: Principal.Role = .admin) {
            self.method = method
            self.path = path
            self.body = body
            self.role = role
        }
    }

    static let customer = CustomerID(at: .zero, slot: Slot(7), random: 1 << 40)
    /// An account keeps its own role, whatever leads.
    static let other = CustomerID(at: .zero, slot: Slot(8), random: 1 << 40)
    static let order = OrderID(at: .zero, slot: Slot(7), random: 2 << 40)
    static let product = ProductID(at: .zero, random: 3 << 40)
    static let session = SessionID(at: .zero, slot: Slot(7), random: 4 << 40)
    static let hold = HoldID(at: .zero, slot: SKU("A")!.slot, random: 5 << 40)
    static let address =
        #"{"name":"A","line1":"B","city":"C","country":"GB"}"#

    static let needs: [Need] = [
        Need(.post, "/auth/register", AccountRouteTests.form), Need(.post, "/auth/login", AccountRouteTests.login),
        Need(
            .post, "/auth/refresh",
            #"{"refresh_token":"\#(RefreshToken(issuedFor: session.description).text)"}"#),
        Need(.post, "/auth/logout", nil, .customer), Need(.get, "/auth/me", nil, .customer),
        Need(.post, "/auth/password", AccountRouteTests.newPassword, .customer),
        Need(.get, "/auth/sessions", nil, .customer), Need(.delete, "/auth/sessions/\(session)", nil, .customer),
        Need(.get, "/accounts?email=ann@example.org"), Need(.get, "/accounts/\(customer)"),
        Need(.post, "/accounts/\(other)/role", #"{"role":"staff"}"#),
        Need(.delete, "/accounts/\(customer)/log-in-failures"),
        Need(.post, "/products", ProductRouteTests.form("A")),
        Need(.post, "/products/batch", #"{"products":[\#(ProductRouteTests.form("A"))]}"#),
        Need(.put, "/products/\(product)", ProductRouteTests.form("A")),
        Need(.post, "/products/\(product)/activate"), Need(.post, "/products/\(product)/deactivate"),
        Need(.put, "/products/\(product)/prices/A", #"{"amount":1,"currency":"GBP"}"#),
        Need(.get, "/inventory/A"), Need(.post, "/inventory/A/receive", #"{"quantity":1}"#),
        Need(.post, "/inventory/A/adjust", #"{"delta":1,"reason":"count"}"#),
        Need(.post, "/inventory/A/reservations", #"{"quantity":1,"expires_in":60}"#),
        Need(.delete, "/inventory/A/reservations/\(hold)"),
        Need(.post, "/inventory/A/reservations/\(hold)/fulfill"),
        Need(.get, "/cart", nil, .customer), Need(.delete, "/cart", nil, .customer),
        Need(.post, "/cart/items", #"{"sku":"A","quantity":1}"#, .customer),
        Need(.put, "/cart/items/A", #"{"quantity":1}"#, .customer), Need(.delete, "/cart/items/A", nil, .customer),
        Need(.post, "/orders", #"{"items":[{"sku":"A","quantity":1}]}"#, .customer),
        Need(.get, "/orders/\(order)"), Need(.post, "/orders/\(order)/cancel"),
        Need(.put, "/orders/\(order)/shipping-address", address), Need(.post, "/orders/\(order)/ship"),
        Need(.post, "/orders/\(order)/deliver"), Need(.post, "/orders/\(order)/refund"),
    ]

    @Test("what needs a leader is refused with 503, and the client is told that nothing was done and to ask again")
    func refusals() async throws {
        let cut = Cut()
        try await ShopFixture.run(through: cut) { fixture in
            let staff = try await fixture.token(.staff)
            _ = try await fixture.send(.post, "/products", ProductRouteTests.form("A"), token: staff)
            cut.isMade = true
            for need in Self.needs {
                let token = try await fixture.issuer.issue(
                    subject: Self.customer.description, role: need.role, sessionID: Self.session.description,
                    now: ShopFixture.now()
                ).token
                let reply = try await fixture.send(
                    need.method, need.path, need.body, token: token, headers: [.idempotencyKey: "k"])
                #expect(reply.status == 503 && reply.code == "no_leader", "\(need.testDescription): \(reply.text)")
                #expect(reply.headers[.retryAfter] != nil, "\(need.testDescription)")
                #expect(reply.text.contains("nothing was done. Ask again."), "\(need.testDescription)")
            }
        }
    }
}
