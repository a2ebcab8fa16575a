import Accounts
import ActorSystem
import Commerce
import EventSourcing
import Foundation
import HTTPTypes
import Schema
import Steps
import Testing

@testable import Gateway

@Suite("Log-ins, good and bad", .timeLimit(.minutes(10)))
struct LogInTests {
    private static let wrong = AccountRouteTests.login.replacing("correct", with: "wrong")

    /// A client at an address, as a proxy of ours tells it.
    private static func from(_ address: String, _ userAgent: String = "Test/1") -> HTTPFields {
        [.forwardedFor: address, .userAgent: userAgent]
    }

    /// A shop behind a proxy that counts requests and guesses, and forgets none while a test runs.
    private static func run(_ body: @Sendable @escaping (ShopFixture) async throws -> Void) async throws {
        try await ShopFixture.run(configure: { configuration in
            configuration.trustedProxies = TrustedProxies("127.0.0.1")!
            configuration.rateLimits.isEnabled = true
            configuration.rateLimits.credentials = RatePolicy(name: "credentials", quota: 10_000, window: .seconds(1))
            configuration.rateLimits.account = RatePolicy(name: "account", quota: 10, window: .seconds(86_400))
        }, body)
    }

    private static func failures(of id: String, _ fixture: ShopFixture) async throws -> [LogIns.Event] {
        let id = try #require(CustomerID(id))
        let journal = fixture.shop.shards[id.slot].journal
        var events: [LogIns.Event] = []
        for record in try journal.records(from: LogIndex(1), countMax: 10_000, bytesMax: 10 << 20) {
            for entry in try RecordBody(record.bytes, of: KindSet(LogIns.kind)).entries {
                #expect(CustomerID(encoded: entry.id) == id)
                events += try entry.events.map { try LogIns.decodeEvent($0) }
            }
        }
        return events.filter { if case .failed = $0 { true } else { false } }
    }

    @Test("a stranger's wrong passwords slow the stranger down, and keep the holder out from nowhere")
    func slowedDown() async throws {
        try await Self.run { fixture in
            let id = try await fixture.send(
                .post, "/auth/register", AccountRouteTests.form, headers: Self.from("10.0.0.1")
            ).string("id")
            var statuses: [Int] = []
            for _ in 0..<12 {
                let reply = try await fixture.send(.post, "/auth/login", Self.wrong, headers: Self.from("10.0.0.9"))
                statuses.append(reply.status)
                if reply.status == 429 { #expect(reply.headers[.retryAfter] != nil, "\(reply.text)") }
            }
            #expect(statuses == Array(repeating: 401, count: 10) + [429, 429])
            // Elsewhere, and where the holder is known, though a stranger is at the same address.
            for _ in 0..<10 {
                _ = try await fixture.send(.post, "/auth/login", Self.wrong, headers: Self.from("10.0.0.1", "Bad/1"))
            }
            for headers in [Self.from("10.0.0.1"), Self.from("10.0.0.2")] {
                let reply = try await fixture.send(.post, "/auth/login", AccountRouteTests.login, headers: headers)
                #expect(reply.status == 200, "\(reply.text)")
            }
            #expect(try await Self.failures(of: id, fixture).count == 20)
        }
    }

    @Test("after a hundred wrong passwords strangers are refused, the right one included, and the holder is not")
    func blocked() async throws {
        try await Self.run { fixture in
            let id = try await fixture.send(
                .post, "/auth/register", AccountRouteTests.form, headers: Self.from("10.0.0.1")
            ).string("id")
            for number in 0..<110 {
                let reply = try await fixture.send(
                    .post, "/auth/login", Self.wrong, headers: Self.from("10.1.0.\(number)"))
                #expect(reply.status == (number < 100 ? 401 : 403), "\(number) \(reply.text)")
            }
            #expect(try await Self.failures(of: id, fixture).count == 100)
            let blocked = try await fixture.send(
                .post, "/auth/login", AccountRouteTests.login, headers: Self.from("10.2.0.1"))
            #expect(blocked.status == 403 && blocked.code == "log_in_blocked", "\(blocked.text)")
            let known = try await fixture.send(
                .post, "/auth/login", AccountRouteTests.login, headers: Self.from("10.0.0.1"))
            #expect(known.status == 200, "\(known.text)")
            let freed = try await fixture.send(
                .post, "/auth/login", AccountRouteTests.login, headers: Self.from("10.2.0.3"))
            #expect(freed.status == 200, "\(freed.text)")
        }
    }

    @Test("an administrator lets an account log in again")
    func cleared() async throws {
        try await Self.run { fixture in
            let id = try await fixture.send(
                .post, "/auth/register", AccountRouteTests.form, headers: Self.from("10.0.0.1")
            ).string("id")
            for number in 0..<100 {
                _ = try await fixture.send(.post, "/auth/login", Self.wrong, headers: Self.from("10.1.0.\(number)"))
            }
            let stranger = Self.from("10.2.0.1")
            #expect(
                try await fixture.send(.post, "/auth/login", AccountRouteTests.login, headers: stranger).status == 403)
            let path = "/accounts/\(id)/log-in-failures"
            #expect(try await fixture.send(.delete, path, token: fixture.token(.staff)).status == 403)
            #expect(try await fixture.send(.delete, path, token: fixture.token(.admin)).status == 204)
            #expect(
                try await fixture.send(.post, "/auth/login", AccountRouteTests.login, headers: stranger).status == 200)
        }
    }

    @Test("a name without an account is refused like one with an account, after as many wrong passwords")
    func unknownName() async throws {
        try await Self.run { fixture in
            for number in 0..<101 {
                let reply = try await fixture.send(
                    .post, "/auth/login", Self.wrong, headers: Self.from("10.1.0.\(number)"))
                #expect(reply.code == (number < 100 ? "invalid_credentials" : "log_in_blocked"), "\(reply.text)")
            }
        }
    }

    @Test("wrong passwords count wherever they are tried")
    func everyRoute() async throws {
        try await Self.run { fixture in
            let key = Self.from("10.0.0.1").adding(.idempotencyKey, "k")
            let id = try await fixture.send(.post, "/auth/register", AccountRouteTests.form, headers: key).string("id")
            let token = try await fixture.send(
                .post, "/auth/login", AccountRouteTests.login, headers: Self.from("10.0.0.1")
            ).string("access_token")
            let change = AccountRouteTests.newPassword.replacing("correct", with: "wrong")
            #expect(
                try await fixture.send(
                    .post, "/auth/password", change, token: token, headers: Self.from("10.0.0.3")).status == 403)
            let other = AccountRouteTests.form.replacing("correct", with: "wrong")
            var replayed = Self.from("10.0.0.4")
            replayed[.idempotencyKey] = "k"
            #expect(try await fixture.send(.post, "/auth/register", other, headers: replayed).status == 422)
            _ = try await fixture.send(.post, "/auth/login", Self.wrong, headers: Self.from("10.0.0.5"))
            let failures = try await Self.failures(of: id, fixture)
            #expect(failures.count == 3)
            // Ten guesses by any route, and the eleventh waits.
            for _ in 0..<9 {
                _ = try await fixture.send(
                    .post, "/auth/password", change, token: token, headers: Self.from("10.0.0.3"))
            }
            for (path, body) in [("/auth/password", change), ("/auth/login", Self.wrong), ("/auth/register", other)] {
                var headers = Self.from("10.0.0.3")
                headers[.idempotencyKey] = "k"
                let reply = try await fixture.send(.post, path, body, token: token, headers: headers)
                #expect(reply.status == 429, "\(path) \(reply.text)")
            }
        }
    }

    // MARK: - Refreshing

    static func refresh(
        _ fixture: ShopFixture, _ login: Reply, _ userAgent: String = "Test/1"
    ) async throws -> Reply {
        try await fixture.send(
            .post, "/auth/refresh", #"{"refresh_token":"\#(login.string("refresh_token"))"}"#,
            headers: [.userAgent: userAgent])
    }

    @Test("a refresh whose answer was lost is answered again, once, to the same client")
    func repeated() async throws {
        try await ShopFixture.run { fixture in
            _ = try await fixture.send(.post, "/auth/register", AccountRouteTests.form)
            let login = try await fixture.send(.post, "/auth/login", AccountRouteTests.login)
            let replies = try await withThrowingTaskGroup(of: Reply.self) { group in
                for _ in 0..<2 { group.addTask { try await Self.refresh(fixture, login) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(replies.map(\.status) == [200, 200])
            #expect(Set(replies.map { $0.string("refresh_token") }).count == 1)
            for reply in replies {
                #expect(try await fixture.send(.get, "/auth/me", token: reply.string("access_token")).status == 200)
            }
            let next = try await Self.refresh(fixture, replies[0])
            #expect(next.status == 200, "\(next.text)")
            #expect(try await Self.refresh(fixture, login).status == 401)
            for reply in replies + [next] {
                #expect(try await fixture.send(.get, "/auth/me", token: reply.string("access_token")).status == 401)
            }
            #expect(try await Self.refresh(fixture, next).status == 401)
        }
    }

    @Test("a third request, and one of another client, ends the session", arguments: ["Test/1", "Other/1"])
    func reused(userAgent: String) async throws {
        try await ShopFixture.run { fixture in
            _ = try await fixture.send(.post, "/auth/register", AccountRouteTests.form)
            let login = try await fixture.send(.post, "/auth/login", AccountRouteTests.login)
            let first = try await Self.refresh(fixture, login)
            if userAgent == "Test/1" { #expect(try await Self.refresh(fixture, login).status == 200) }
            #expect(try await Self.refresh(fixture, login, userAgent).status == 401)
            #expect(try await Self.refresh(fixture, first).status == 401)
        }
    }

    // MARK: - What a token says

    @Test("a role that was taken away while a log-in was under way is not in its token")
    func roleInTheStep() async throws {
        try await ShopFixture.run { fixture in
            let id = try #require(
                CustomerID(try await fixture.send(.post, "/auth/register", AccountRouteTests.form).string("id")))
            let admin = ActorID(high: 1, low: 2)
            _ = try await fixture.accounts.run(GrantRole(.admin, to: id), by: admin)
            // As it was when the password was checked.
            let checked = try #require(try await fixture.accounts.find(id)?.state.profile).passwordHash
            _ = try await fixture.accounts.run(GrantRole(.customer, to: id), by: admin)
            let session = SessionID(at: ShopFixture.now(), slot: id.slot, random: 1 << 40)
            let token = RefreshToken(issuedFor: session.description)
            let opening = OpenSession(
                session, of: id, verified: checked, token: token.digest, from: Gateway.Caller.local.origin(of: id),
                userAgent: "")
            let holder = try await fixture.accounts.run(opening, by: ActorID(id))
            #expect(holder.role == .customer && holder.epoch == 1)
            let refreshed = try await fixture.send(.post, "/auth/refresh", #"{"refresh_token":"\#(token.text)"}"#)
            let access = refreshed.string("access_token")
            #expect(try await fixture.send(.get, "/auth/me", token: access).status == 200)
            #expect(try await fixture.send(.get, "/accounts", token: access).status == 403)
        }
    }

    @Test("a log-in that was checked against the old password opens nothing")
    func passwordInTheStep() async throws {
        try await ShopFixture.run { fixture in
            let id = try #require(
                CustomerID(try await fixture.send(.post, "/auth/register", AccountRouteTests.form).string("id")))
            let checked = try #require(try await fixture.accounts.find(id)?.state.profile).passwordHash
            let login = try await fixture.send(.post, "/auth/login", AccountRouteTests.login).string("access_token")
            #expect(
                try await fixture.send(.post, "/auth/password", AccountRouteTests.newPassword, token: login).status
                    == 204)
            let session = SessionID(at: ShopFixture.now(), slot: id.slot, random: 1 << 40)
            await #expect(throws: AccountRefusal.self) {
                try await fixture.accounts.run(
                    OpenSession(
                        session, of: id, verified: checked,
                        token: RefreshToken(issuedFor: session.description).digest,
                        from: Gateway.Caller.local.origin(of: id), userAgent: ""), by: ActorID(id))
            }
        }
    }

    // MARK: - Outside

    @Test("log-ins, good and bad, leave the shop as events with the account, and without a secret")
    func feed() async throws {
        try await ShopFixture.run { fixture in
            let (id, _) = try await SessionEndTests.logInStaff(fixture)
            _ = try await fixture.send(.post, "/auth/login", Self.wrong)
            let staff = try await fixture.token(.staff)
            let events = try await EventRouteTests.listen(fixture, "?after=0", token: staff) { events, _ in
                events.contains { $0.type == "LogInFailed" }
            }
            #expect(events.last { $0.type == "LogInFailed" }?.data["id"] as? String == id)
            #expect(events.last { $0.type == "SessionOpened" }?.data["customer_id"] as? String == id)
        }
    }
}

extension HTTPFields {
    fileprivate func adding(_ name: HTTPField.Name, _ value: String) -> HTTPFields {
        var fields = self
        fields[name] = value
        return fields
    }
}

extension Gateway.Caller {
    fileprivate static let local = Gateway.Caller(address: ClientAddress(nil), userAgent: "")
}
