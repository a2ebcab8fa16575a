import Accounts
import Commerce
import EventSourcing
import Foundation
import HTTPTypes
import Inventory
import NIOCore
import NIOPosix
import Testing

@testable import Gateway

@Suite("The end of a session", .timeLimit(.minutes(10)))
struct SessionEndTests {
    /// How a session can end.
    enum Ending: CaseIterable, Sendable {
        case loggedOut, revoked, passwordChanged, roleTakenAway, tokenReused
    }

    /// Ends the session of a member of staff.
    static func end(_ ending: Ending, _ fixture: ShopFixture, _ id: String, _ login: Reply) async throws {
        let token = login.string("access_token")
        let other = try await fixture.send(.post, "/auth/login", AccountRouteTests.login).string("access_token")
        switch ending {
        case .loggedOut: #expect(try await fixture.send(.post, "/auth/logout", token: token).status == 204)
        case .revoked:
            let list = try await fixture.send(.get, "/auth/sessions", token: token)
            let own = try #require(list.data.first { $0["current"] as? Bool == true }?["id"] as? String)
            #expect(try await fixture.send(.delete, "/auth/sessions/\(own)", token: other).status == 204)
        case .passwordChanged:
            #expect(
                try await fixture.send(.post, "/auth/password", AccountRouteTests.newPassword, token: other).status
                    == 204)
            #expect(try await fixture.send(.get, "/auth/me", token: other).status == 200)
        case .roleTakenAway:
            let admin = try await fixture.token(.admin)
            #expect(
                try await fixture.send(.post, "/accounts/\(id)/role", #"{"role":"customer"}"#, token: admin).status
                    == 200)
        case .tokenReused:
            _ = try await LogInTests.refresh(fixture, login)
            #expect(try await LogInTests.refresh(fixture, login, "Thief/1").status == 401)
        }
    }

    static func logInStaff(_ fixture: ShopFixture) async throws -> (id: String, login: Reply) {
        let id = try await fixture.send(.post, "/auth/register", AccountRouteTests.form).string("id")
        let admin = try await fixture.token(.admin)
        _ = try await fixture.send(.post, "/accounts/\(id)/role", #"{"role":"staff"}"#, token: admin)
        return (id, try await fixture.send(.post, "/auth/login", AccountRouteTests.login))
    }

    @Test(
        "a token of a session that has ended is refused, by a node that has started since too",
        arguments: Ending.allCases)
    func restart(ending: Ending) async throws {
        try await ShopFixture.run { fixture in
            let (id, login) = try await Self.logInStaff(fixture)
            let token = login.string("access_token")
            try await Self.end(ending, fixture, id, login)
            #expect(try await fixture.send(.get, "/auth/me", token: token).status == 401)
            let later = try await fixture.send(
                .post, "/auth/login",
                AccountRouteTests.login.replacing("correct horse battery", with: Self.password(ending)))
            try await fixture.restarted { restarted in
                await #expect(throws: TokenVerifier.Refusal.sessionEnded) {
                    try await restarted.verifier.verify(token, now: ShopFixture.now())
                }
                _ = try await restarted.verifier.verify(later.string("access_token"), now: ShopFixture.now())
            }
        }
    }

    private static func password(_ ending: Ending) -> String {
        ending == .passwordChanged ? "a staple of batteries" : "correct horse battery"
    }

    @Test("where the log begins later, the states tell which sessions have ended", arguments: Ending.allCases)
    func restartBehindRetention(ending: Ending) async throws {
        try await ShopFixture.run(shards: 1, retention: .bytes(0), limits: .hasty) { fixture in
            let (id, login) = try await Self.logInStaff(fixture)
            try await Self.end(ending, fixture, id, login)
            let staff = try await fixture.token(.staff)
            _ = try await fixture.send(.post, "/products", ProductRouteTests.form("A"), token: staff)
            let end = fixture.shop.shards.catalogue.journal.committed
            while fixture.shop.firstKept <= end {
                _ = try await fixture.send(.post, "/inventory/A/receive", #"{"quantity":1}"#, token: staff)
                try await Task.sleep(for: .milliseconds(5))
            }
            try await fixture.restarted { restarted in
                await #expect(throws: TokenVerifier.Refusal.sessionEnded) {
                    try await restarted.verifier.verify(login.string("access_token"), now: ShopFixture.now())
                }
            }
        }
    }

    @Test("where sessions are few and records many, the states tell which have ended", arguments: Ending.allCases)
    func restartBehindManyRecords(ending: Ending) async throws {
        try await ShopFixture.run(shards: 1) { fixture in
            let (id, login) = try await Self.logInStaff(fixture)
            try await Self.end(ending, fixture, id, login)
            let sku = try #require(SKU("A"))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<CredentialFollower.recordsMin {
                    group.addTask {
                        let receipt = ReceiveStock.Receipt(
                            sku, 1, reference: nil, isInitial: false, requiresStock: false)
                        _ = try await fixture.shop.shards.run(
                            ReceiveStock([receipt], on: sku.slot), at: ShopFixture.now())
                    }
                }
                try await group.waitForAll()
            }
            try await fixture.restarted { restarted in
                await #expect(throws: TokenVerifier.Refusal.sessionEnded) {
                    try await restarted.verifier.verify(login.string("access_token"), now: ShopFixture.now())
                }
            }
        }
    }

    @Test("what ended longer ago than a token lives is not remembered")
    func forgotten() async throws {
        try await ShopFixture.run { fixture in
            let (id, login) = try await Self.logInStaff(fixture)
            try await Self.end(.roleTakenAway, fixture, id, login)
            let muchLater = ShopFixture.now() + .seconds(3_600)
            try await fixture.restarted(at: muchLater) { restarted in
                _ = try await restarted.verifier.verify(login.string("access_token"), now: ShopFixture.now())
            }
        }
    }

    @Test("an open stream of events ends with its session", arguments: Ending.allCases)
    func stream(ending: Ending) async throws {
        try await ShopFixture.run { fixture in
            let (id, login) = try await Self.logInStaff(fixture)
            let channel = try await Self.connect(to: fixture)
            let token = login.string("access_token")
            let request = "GET /api/v1/events HTTP/1.1\r\nhost: a\r\nauthorization: Bearer \(token)\r\n\r\n"
            try await channel.executeThenClose { inbound, outbound in
                try await outbound.write(ByteBuffer(string: request))
                var answer = inbound.makeAsyncIterator()
                let begun = try #require(try await answer.next())
                #expect(String(buffer: begun).hasPrefix("HTTP/1.1 200"))
                try await Self.end(ending, fixture, id, login)
                var text = ""
                while !text.hasSuffix("0\r\n\r\n"), let part = try await answer.next() { text += String(buffer: part) }
                #expect(text.hasSuffix("0\r\n\r\n"))
            }
        }
    }

    @Test("a request whose body was on its way when its session ended changes nothing", arguments: Ending.allCases)
    func slowBody(ending: Ending) async throws {
        try await ShopFixture.run { fixture in
            let (id, login) = try await Self.logInStaff(fixture)
            let (head, body) = ("POST /api/v1/products HTTP/1.1\r\nhost: a\r\n", ProductRouteTests.form("A"))
            let fields = "authorization: Bearer \(login.string("access_token"))\r\ncontent-type: application/json\r\n"
            let length = "content-length: \(body.utf8.count)\r\n\r\n"
            try await Self.connect(to: fixture).executeThenClose { inbound, outbound in
                try await outbound.write(ByteBuffer(string: head + fields + length + body.prefix(1)))
                try await Self.end(ending, fixture, id, login)
                try await outbound.write(ByteBuffer(string: String(body.dropFirst())))
                var answer = inbound.makeAsyncIterator()
                let begun = try #require(try await answer.next())
                #expect(String(buffer: begun).hasPrefix("HTTP/1.1 401"))
            }
            let staff = try await fixture.token(.staff)
            #expect(try await fixture.send(.get, "/inventory/A", token: staff).status == 404)
        }
    }

    private static func connect(to fixture: ShopFixture) async throws -> NIOAsyncChannel<ByteBuffer, ByteBuffer> {
        try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: #require(fixture.client.port)) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
    }

    @Test("a stream of events goes on while other sessions end")
    func streamGoesOn() async throws {
        try await ShopFixture.run { fixture in
            let (id, login) = try await Self.logInStaff(fixture)
            let token = login.string("access_token")
            let change = AccountRouteTests.newPassword
            _ = try await fixture.send(.post, "/auth/login", AccountRouteTests.login)
            #expect(try await fixture.send(.post, "/auth/password", change, token: token).status == 204)
            let events = try await EventRouteTests.listen(fixture, "?after=0", token: token) { events, _ in
                events.contains { $0.type == "AccountSessionsEnded" }
            }
            let ended = try #require(events.last { $0.type == "AccountSessionsEnded" })
            #expect(ended.data["reason"] as? String == "password_changed" && ended.data["id"] as? String == id)
        }
    }
}
