import Commerce
import HTTPTypes
import Testing

@testable import Gateway

@Suite("Webhooks over HTTP", .timeLimit(.minutes(5)))
struct WebhookRouteTests {
    private static let path = "/webhooks"
    private static let form = #"{"url":"https://hooks.example/in","types":["OrderPlaced"],"description":"books"}"#

    @Test("an endpoint is made with a secret that is told once, found, changed and removed")
    func life() async throws {
        try await ShopFixture.run(shards: 2) { fixture in
            let token = try await fixture.token(.admin)
            let made = try await fixture.send(.post, Self.path, Self.form, token: token)
            #expect(made.status == 201 && made.string("secret").hasPrefix("whsec_"), "\(made.text)")
            #expect(made.headers[.cacheControl] == "no-store")
            let one = "\(Self.path)/\(made.string("id"))"
            #expect(made.headers[.location] == "/api/v1" + one)
            let found = try await fixture.send(.get, one, token: token)
            #expect(found.status == 200 && found.string("url") == "https://hooks.example/in")
            #expect(!found.text.contains("whsec_"))
            let list = try await fixture.send(.get, Self.path, token: token)
            #expect(list.data.count == 1 && !list.text.contains("whsec_"))
            let changed = try await fixture.send(.patch, one, #"{"enabled":false}"#, token: token)
            #expect(changed.json["enabled"] as? Bool == false && changed.string("description") == "books")
            #expect(try await fixture.send(.delete, one, token: token).status == 204)
            for method in [.get, .delete] as [HTTPRequest.Method] {
                #expect(try await fixture.send(method, one, token: token).status == 404)
            }
            #expect(try await fixture.send(.patch, one, "{}", token: token).status == 404)
            #expect(try await fixture.send(.post, one + "/rotate-secret", token: token).status == 404)
        }
    }

    @Test("a secret is replaced by another, and says how long both sign")
    func rotation() async throws {
        try await ShopFixture.run(shards: 1) { fixture in
            let token = try await fixture.token(.admin)
            let made = try await fixture.send(.post, Self.path, Self.form, token: token)
            #expect(made.json["previous_secret_until"] is String == false)
            let path = "\(Self.path)/\(made.string("id"))/rotate-secret"
            let rotated = try await fixture.send(.post, path, token: token)
            #expect(rotated.status == 200 && rotated.string("secret").hasPrefix("whsec_"))
            #expect(rotated.string("secret") != made.string("secret"))
            #expect(!rotated.string("previous_secret_until").isEmpty)
        }
    }

    @Test("addresses that are none of https, names of no event and more than the limit are refused")
    func refusals() async throws {
        try await ShopFixture.run(shards: 1) { fixture in
            let token = try await fixture.token(.admin)
            let bad = [
                (#"{}"#, "/url"), (#"{"url":"http://hooks.example/"}"#, "/url"),
                (#"{"url":"https://a@hooks.example/"}"#, "/url"),
                (#"{"url":"https://hooks.example/","types":["OrderPlaced","OrderEaten"]}"#, "/types/1"),
                (#"{"url":"https://hooks.example/","secret":"mine"}"#, "/secret"),
            ]
            for (form, pointer) in bad {
                let refused = try await fixture.send(.post, Self.path, form, token: token)
                #expect(refused.status == 422 && refused.text.contains(pointer), "\(refused.text)")
            }
            for _ in 0..<Webhooks.endpointsMax {
                #expect(try await fixture.send(.post, Self.path, Self.form, token: token).status == 201)
            }
            #expect(try await fixture.send(.post, Self.path, Self.form, token: token).code == "conflict")
        }
    }
}
