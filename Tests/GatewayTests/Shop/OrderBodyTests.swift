import Commerce
import EventSourcing
import Foundation
import Testing

@testable import Gateway

@Suite("What an order may say", .timeLimit(.minutes(10)))
struct OrderBodyTests {
    private static func errors(_ reply: Reply) -> [String] {
        (reply.json["errors"] as? [[String: Any]] ?? []).map { "\($0["pointer"] ?? "") \($0["detail"] ?? "")" }
    }

    private static func address(name: String = "Ann Lee", city: String = "York", country: String = "GB") -> String {
        #"{"name":"\#(name)","line1":"1 Row","city":"\#(city)","country":"\#(country)"}"#
    }

    @Test("an address has something in each of its lines, and a country that there is")
    func addresses() async throws {
        try await ShopFixture.run(shards: 1) { fixture in
            try await OrderRouteTests.stock(fixture, "A", units: 9)
            let token = try await fixture.token(.customer)
            for (address, error) in [
                (Self.address(name: "   "), "/shipping_address/name must not be blank"),
                (Self.address(city: #"\u00a0"#), "/shipping_address/city must not be blank"),
                (Self.address(country: "ZZ"), "/shipping_address/country \(FieldForm.country)"),
                (Self.address(country: "UK"), "/shipping_address/country \(FieldForm.country)"),
            ] {
                let body = #"{"items":[{"sku":"A","quantity":1}],"shipping_address":\#(address)}"#
                let reply = try await OrderRouteTests.place(fixture, body, token: token)
                #expect(reply.status == 422 && Self.errors(reply) == [error], "\(reply.text)")
            }
            for country in ["NO", "XK"] {
                let body =
                    #"{"items":[{"sku":"A","quantity":1}],"shipping_address":\#(Self.address(country: country))}"#
                #expect(try await OrderRouteTests.place(fixture, body, token: token).status == 201)
            }
        }
    }

    @Test("a customer is told that prices and customers are for staff to name")
    func staffOnly() async throws {
        try await ShopFixture.run(shards: 1) { fixture in
            try await OrderRouteTests.stock(fixture, "A", units: 9)
            let token = try await fixture.token(.customer)
            let reply = try await OrderRouteTests.place(
                fixture, #"{"items":[{"sku":"A","quantity":1,"unit_price":1}],"customer_reference":"C"}"#, token: token)
            #expect(
                reply.status == 422
                    && Self.errors(reply) == [
                        "/items/0/unit_price is for staff only", "/customer_reference is for staff only",
                    ], "\(reply.text)")
        }
    }

    @Test("staff order for accounts that are there, for guests and for other systems' customers", arguments: [1, 3])
    func accounts(shards: Int) async throws {
        try await ShopFixture.run(shards: shards) { fixture in
            try await OrderRouteTests.stock(fixture, "A", units: 9)
            let staff = try await fixture.token(.staff)
            let registered = try await fixture.send(.post, "/auth/register", AccountRouteTests.form)
            let login = try await fixture.send(.post, "/auth/login", AccountRouteTests.login)
            let ann = registered.string("id")
            func place(_ customer: String, key: String = UUID().uuidString) async throws -> Reply {
                let body = #"{"items":[{"sku":"A","quantity":1}],"customer_id":"\#(customer)"}"#
                return try await OrderRouteTests.place(fixture, body, token: staff, key: key)
            }
            let placed = try await place(ann, key: "one")
            #expect(placed.status == 201 && placed.string("customer_id") == ann, "\(placed.text)")
            let stranger = CustomerID(at: ShopFixture.now(), slot: Slot(9), random: 1 << 30)
            for id in [Guest.id(at: ShopFixture.now(), slot: Slot(4), random: 7), CustomerID(reference: "4711")] {
                let other = try await place(id.description)
                #expect(other.status == 201, "\(other.text)")
            }
            let cancelled = try await fixture.send(.post, "/orders/\(placed.string("id"))/cancel", token: staff)
            #expect(cancelled.status == 200, "\(cancelled.text)")
            let erased = try await fixture.send(
                .post, "/auth/erasure", #"{"password":"correct horse battery"}"#, token: login.string("access_token"))
            #expect(erased.status == 204, "\(erased.text)")
            for id in [stranger.description, ann] {
                let refused = try await place(id)
                #expect(
                    refused.status == 422 && Self.errors(refused) == ["/customer_id is no account of this shop"],
                    "\(refused.text)")
            }
            // What was answered before the account went is answered again.
            let again = try await place(ann, key: "one")
            #expect(again.status == 201 && again.string("id") == placed.string("id"), "\(again.text)")
        }
    }
}
