import Commerce
import EventSourcing
import Foundation
import HTTPTypes
import Testing

@testable import Gateway

@Suite("Accounts and sessions over HTTP", .timeLimit(.minutes(10)))
struct AccountRouteTests {
    static let form = #"{"email":"Ann@Example.org ","password":"correct horse battery","first_name":"Ann"}"#
    static let login = #"{"email":"ann@example.org","password":"correct horse battery"}"#
    static let newPassword =
        #"{"current_password":"correct horse battery","new_password":"a staple of batteries"}"#

    @Test("who registers can log in, is told who they are, and is a customer")
    func register() async throws {
        try await ShopFixture.run { fixture in
            let registered = try await fixture.send(.post, "/auth/register", Self.form)
            #expect(registered.status == 201 && registered.string("role") == "customer", "\(registered.text)")
            #expect(registered.string("email") == "ann@example.org" && registered.string("first_name") == "Ann")
            #expect(!registered.text.contains("scrypt") && !registered.text.contains("horse"))
            let login = try await fixture.send(.post, "/auth/login", Self.login)
            #expect(
                login.status == 200 && login.string("token_type") == "Bearer"
                    && login.json["expires_in"] as? Int == 900
            )
            let me = try await fixture.send(.get, "/auth/me", token: login.string("access_token"))
            #expect(me.string("id") == registered.string("id") && me.status == 200, "\(me.text)")
            let role = try await fixture.send(
                .post, "/auth/register",
                #"{"email":"b@example.org","password":"correct horse battery","role":"admin"}"#)
            #expect(role.status == 422 && role.text.contains("/role"))
        }
    }

    @Test("who registers finds the account where the answer says it is, and no other customer does")
    func location() async throws {
        try await ShopFixture.run { fixture in
            let registered = try await fixture.send(.post, "/auth/register", Self.form)
            let location = try #require(registered.headers[.location]).replacing("/api/v1", with: "")
            let token = try await fixture.send(.post, "/auth/login", Self.login).string("access_token")
            let own = try await fixture.send(.get, location, token: token)
            #expect(own.status == 200 && own.string("id") == registered.string("id"), "\(own.text)")
            #expect(try await fixture.send(.get, location, token: fixture.token(.customer)).status == 404)
            #expect(try await fixture.send(.get, location, token: fixture.token(.staff)).status == 200)
        }
    }

    @Test("white space around a person's names is no part of them")
    func names() async throws {
        try await ShopFixture.run { fixture in
            let form = Self.form.replacing("\"Ann\"", with: "\"\\u00a0 Ann \",\"last_name\":\" \"")
            let registered = try await fixture.send(.post, "/auth/register", form)
            #expect(registered.string("first_name") == "Ann" && registered.string("last_name").isEmpty)
        }
    }

    @Test("an address has one account, however often and at once it is registered")
    func taken() async throws {
        try await ShopFixture.run(shards: 4) { fixture in
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<8 { group.addTask { try await fixture.send(.post, "/auth/register", Self.form).status } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.sorted() == [201] + Array(repeating: 409, count: 7))
            #expect(try await fixture.send(.post, "/auth/register", Self.form).code == "email_taken")
        }
    }

    @Test("a registration under a key is answered again, and no other under it")
    func idempotent() async throws {
        try await ShopFixture.run { fixture in
            let key: HTTPFields = [.idempotencyKey: "k1"]
            let first = try await fixture.send(.post, "/auth/register", Self.form, headers: key)
            let again = try await fixture.send(.post, "/auth/register", Self.form, headers: key)
            #expect(first.status == 201 && again.status == 201 && again.text == first.text)
            #expect(again.headers[.idempotentReplayed] == "true" && first.headers[.idempotentReplayed] == nil)
            #expect(again.headers[.location] == first.headers[.location])
            let others = [
                Self.form.replacing("Ann\"}", with: "Eve\"}"),
                Self.form.replacing("correct horse battery", with: "another horse battery"),
            ]
            for other in others {
                let refused = try await fixture.send(.post, "/auth/register", other, headers: key)
                #expect(refused.status == 422 && refused.code == "idempotency_key_reused", "\(refused.text)")
            }
        }
    }

    @Test("a wrong password, an unknown address and text that is no address get one answer")
    func wrong() async throws {
        try await ShopFixture.run { fixture in
            _ = try await fixture.send(.post, "/auth/register", Self.form)
            for body in [
                Self.login.replacing("correct", with: "wrong"), Self.login.replacing("ann@", with: "bob@"),
                Self.login.replacing("ann@", with: "@@"),
            ] {
                let reply = try await fixture.send(.post, "/auth/login", body)
                #expect(reply.status == 401 && reply.code == "invalid_credentials", "\(body) \(reply.text)")
            }
        }
    }

    @Test("a refresh token is good once; used again it ends its family, access tokens included")
    func rotation() async throws {
        try await ShopFixture.run { fixture in
            _ = try await fixture.send(.post, "/auth/register", Self.form)
            let login = try await fixture.send(.post, "/auth/login", Self.login)
            func refresh(_ token: String) async throws -> Reply {
                try await fixture.send(.post, "/auth/refresh", #"{"refresh_token":"\#(token)"}"#)
            }
            let second = try await refresh(login.string("refresh_token"))
            #expect(second.status == 200, "\(second.text)")
            let third = try await refresh(second.string("refresh_token"))
            #expect(try await fixture.send(.get, "/auth/me", token: third.string("access_token")).status == 200)
            let reused = try await refresh(login.string("refresh_token"))
            #expect(reused.status == 401 && reused.code == "invalid_refresh_token")
            #expect(try await refresh(third.string("refresh_token")).status == 401)
            #expect(try await fixture.send(.get, "/auth/me", token: third.string("access_token")).status == 401)
            for bad in ["x", "ses_0.x", String(login.string("refresh_token").reversed())] {
                #expect(try await refresh(bad).status == 401)
            }
        }
    }

    @Test("sessions are listed, ended one by one, and a log-out ends the own one at once")
    func sessions() async throws {
        try await ShopFixture.run { fixture in
            _ = try await fixture.send(.post, "/auth/register", Self.form)
            let one = try await fixture.send(.post, "/auth/login", Self.login, headers: [.userAgent: "One/1"]).string(
                "access_token")
            let two = try await fixture.send(.post, "/auth/login", Self.login, headers: [.userAgent: "Two/2"]).string(
                "access_token")
            let list = try await fixture.send(.get, "/auth/sessions", token: one)
            #expect(list.data.count == 2 && list.data.count { $0["current"] as? Bool == true } == 1, "\(list.text)")
            let other = try #require(list.data.first { $0["user_agent"] as? String == "Two/2" }?["id"] as? String)
            let stranger = try await fixture.token(.customer)
            #expect(try await fixture.send(.delete, "/auth/sessions/\(other)", token: stranger).status == 404)
            #expect(try await fixture.send(.get, "/auth/me", token: two).status == 200)
            #expect(try await fixture.send(.delete, "/auth/sessions/\(other)", token: one).status == 204)
            #expect(try await fixture.send(.get, "/auth/me", token: two).status == 401)
            #expect(try await fixture.send(.post, "/auth/logout", token: one).status == 204)
            #expect(try await fixture.send(.get, "/auth/sessions", token: one).status == 401)
        }
    }

    @Test("a new password ends the other sessions and needs the old one")
    func password() async throws {
        try await ShopFixture.run { fixture in
            _ = try await fixture.send(.post, "/auth/register", Self.form)
            let own = try await fixture.send(.post, "/auth/login", Self.login).string("access_token")
            let other = try await fixture.send(.post, "/auth/login", Self.login)
            let change = Self.newPassword
            let wrong = try await fixture.send(
                .post, "/auth/password", change.replacing("correct", with: "wrong"), token: own)
            #expect(wrong.status == 403)
            #expect(try await fixture.send(.post, "/auth/password", change, token: own).status == 204)
            #expect(try await fixture.send(.get, "/auth/me", token: own).status == 200)
            #expect(try await fixture.send(.get, "/auth/me", token: other.string("access_token")).status == 401)
            let refresh = #"{"refresh_token":"\#(other.string("refresh_token"))"}"#
            #expect(try await fixture.send(.post, "/auth/refresh", refresh).status == 401)
            #expect(try await fixture.send(.post, "/auth/login", Self.login).status == 401)
            let login = Self.login.replacing("correct horse battery", with: "a staple of batteries")
            #expect(try await fixture.send(.post, "/auth/login", login).status == 200)
        }
    }

    @Test("an administrator grants roles; nobody else does, nor their own; who may do less has to log in again")
    func roles() async throws {
        try await ShopFixture.run { fixture in
            let admin = try await fixture.accounts.createAdministrator(
                email: try #require(EmailAddress("root@example.org")), passwordHash: Commerce.PasswordHash("x"))
            let token = try await fixture.token(.admin, subject: admin)
            let id = try await fixture.send(.post, "/auth/register", Self.form).string("id")
            let staff = #"{"role":"staff"}"#
            #expect(
                try await fixture.send(.post, "/accounts/\(id)/role", staff, token: fixture.token(.staff)).status == 403
            )
            #expect(try await fixture.send(.post, "/accounts/\(admin)/role", staff, token: token).status == 403)
            #expect(
                try await fixture.send(.post, "/accounts/\(id)/role", staff, token: token).string("role") == "staff")
            #expect(
                try await fixture.send(.post, "/accounts/\(id)/role", #"{"role":"king"}"#, token: token).status == 422)
            let found = try await fixture.send(.get, "/accounts?email=ANN@example.org", token: token)
            #expect(found.data.first?["id"] as? String == id)
            let login = try await fixture.send(.post, "/auth/login", Self.login).string("access_token")
            #expect(try await fixture.send(.get, "/accounts/\(id)", token: login).status == 200)
            _ = try await fixture.send(.post, "/accounts/\(id)/role", #"{"role":"customer"}"#, token: token)
            #expect(try await fixture.send(.get, "/auth/me", token: login).status == 401)
        }
    }
}
