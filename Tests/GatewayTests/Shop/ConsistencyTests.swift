import Checkout
import Commerce
import HTTPTypes
import Testing

@testable import Gateway

@Suite("The consistency of a read") struct ConsistencyTests {
    private static let paths = ["/cart", "/orders", "/inventory", "/inventory/A/movements", "/products"]

    private static func stock(_ fixture: ShopFixture, _ staff: String) async throws {
        let product = try await fixture.send(.post, "/products", ProductRouteTests.form("A"), token: staff)
        try #require(product.status == 201, "\(product.text)")
        let received = try await fixture.send(.post, "/inventory/A/receive", #"{"quantity":1}"#, token: staff)
        try #require(received.status == 200, "\(received.text)")
    }

    @Test("is linearizable without the field, and with it when it says so")
    func linearizable() async throws {
        try await ShopFixture.run { fixture in
            let staff = try await fixture.token(.staff)
            try await Self.stock(fixture, staff)
            await fixture.shop.freshness.confirm()
            for path in Self.paths {
                let fields: [HTTPFields] = [[:], [.consistency: "linearizable"]]
                for headers in fields {
                    let reply = try await fixture.send(.get, path, token: staff, headers: headers)
                    #expect(reply.status == 200 && reply.headers[.stalenessMax] == nil, "\(path): \(reply.text)")
                }
            }
        }
    }

    @Test("may be less, and the answer says how old it may be, as soon as the node knows")
    func stale() async throws {
        try await ShopFixture.run { fixture in
            let staff = try await fixture.token(.staff)
            try await Self.stock(fixture, staff)
            let early = try await fixture.send(.get, "/cart", token: staff, headers: [.consistency: "stale-ok"])
            #expect(early.status == 200 && early.headers[.stalenessMax] == nil)
            await fixture.shop.freshness.confirm()
            for path in Self.paths {
                let reply = try await fixture.send(.get, path, token: staff, headers: [.consistency: "stale-ok"])
                let staleness = reply.headers[.stalenessMax].flatMap(Double.init)
                #expect(reply.status == 200 && staleness.map { (0..<60).contains($0) } == true, "\(path)")
            }
        }
    }

    @Test("is refused when it is neither")
    func unknown() async throws {
        try await ShopFixture.run { fixture in
            let staff = try await fixture.token(.staff)
            for path in Self.paths {
                let reply = try await fixture.send(.get, path, token: staff, headers: [.consistency: "eventual"])
                #expect(reply.status == 400 && reply.code == "malformed_request", "\(path): \(reply.text)")
            }
        }
    }
}
