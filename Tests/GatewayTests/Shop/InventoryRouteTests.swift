import Foundation
import HTTPTypes
import Testing

@testable import Gateway

@Suite("Inventory over HTTP", .timeLimit(.minutes(5)))
struct InventoryRouteTests {
    @Test(
        "the location of a reservation leads to it, whatever its SKU is made of",
        arguments: ["A-1", "A B", "50%#?&+;="])
    func location(sku: String) async throws {
        try await ShopFixture.run { fixture in
            let staff = try await fixture.token(.staff)
            _ = try await fixture.send(.post, "/products", ProductRouteTests.form(sku), token: staff)
            let path = try #require(sku.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
            let received = try await fixture.send(.post, "/inventory/\(path)/receive", #"{"quantity":9}"#, token: staff)
            #expect(received.string("sku") == sku, "\(received.text)")
            let reserved = try await fixture.send(
                .post, "/inventory/\(path)/reservations", #"{"quantity":2,"expires_in":60}"#, token: staff)
            #expect(reserved.status == 201, "\(reserved.text)")
            let location = try #require(reserved.headers[.location])
            #expect(
                URL(string: location)?.path
                    == "/api/v1/inventory/\(sku)/reservations/\(reserved.string("reservation_id"))")
            let fulfilled = try await fixture.send(
                .post, location.replacing("/api/v1", with: "") + "/fulfill", token: staff)
            #expect(fulfilled.status == 200 && fulfilled.json["on_hand"] as? Int == 7, "\(fulfilled.text)")
        }
    }
}
