import Accounts
import Commerce
import EventSourcing
import Foundation
import Logging
import Testing

@testable import Gateway

@Suite("Keys of several nodes", .timeLimit(.minutes(10)))
struct TokenKeyTests {
    /// What another node of the shop has: a key directory of its own.
    private func otherNode(
        _ fixture: ShopFixture, _ body: @escaping (Identity, KeyPublisher) async throws -> Void
    ) async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("keys-\(UUID())").path
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try await fixture.restarted(isAlone: false) { identity in
            let publisher = KeyPublisher(
                directory: directory, node: 2, shards: fixture.shop.shards, identity: identity, clock: ShopFixture.now,
                logger: Logger(label: "keys"))
            try await body(identity, publisher)
        }
    }

    private func token(_ identity: Identity) async throws -> String {
        let id = CustomerID(at: ShopFixture.now(), slot: Slot(7), random: 1)
        let session = SessionID(at: ShopFixture.now(), slot: Slot(7), random: 1)
        return try await identity.issuer.issue(
            subject: id.description, role: .staff, sessionID: session.description, now: ShopFixture.now()
        ).token
    }

    @Test("a token is known by every node, whichever has signed it, and each node lists the keys of all")
    func everyNode() async throws {
        try await ShopFixture.run(isAlone: false) { fixture in
            try await otherNode(fixture) { other, publisher in
                try await publisher.publish()
                let token = try await token(other)
                #expect(try await fixture.send(.get, "/inventory/A", token: token).status == 404)
                let ours = try await fixture.token(.staff)
                #expect(try await other.verifier.verify(ours, now: ShopFixture.now()).role == .staff)
                await fixture.identity.credentials.catchUp()
                await other.credentials.catchUp()
                #expect(other.jwks() == fixture.identity.jwks())
                #expect(Self.ids(of: other).count == 2)
                #expect(!String(decoding: other.jwks(), as: UTF8.self).contains(#""d""#))
            }
        }
    }

    @Test("no token is handed out before its key is in the log")
    func notBefore() async throws {
        try await ShopFixture.run { fixture in
            try await otherNode(fixture) { other, publisher in
                await #expect(throws: Problem.self) { try await token(other) }
                try await publisher.publish()
                _ = try await token(other)
            }
        }
    }

    @Test("a key is published once: a node that starts again writes nothing")
    func restart() async throws {
        try await ShopFixture.run(shards: 1) { fixture in
            try await otherNode(fixture) { _, publisher in
                try await publisher.publish()
                let end = fixture.shop.shards.catalogue.journal.committed
                try await publisher.publish()
                #expect(fixture.shop.shards.catalogue.journal.committed == end)
            }
        }
    }

    @Test("a key is replaced while the node runs: the old one's tokens stay good until they end, and no longer")
    func rotation() async throws {
        try await ShopFixture.run(isAlone: false) { fixture in
            try await otherNode(fixture) { other, publisher in
                try await publisher.publish()
                let first = try await token(other)
                let signing = other.issuer.signing
                try await publisher.look()
                #expect(other.issuer.signing == signing)
                try TokenKeyRing.rotate(
                    directory: publisher.directory, now: ShopFixture.now(), tokenLifetime: other.keyLife)
                try await publisher.look()
                #expect(other.issuer.signing != signing)
                let second = try await token(other)
                let here = fixture.identity
                for token in [first, second] { _ = try await here.verifier.verify(token, now: ShopFixture.now()) }
                await here.credentials.catchUp()
                #expect(Self.ids(of: here).count == 3)
                let end = ShopFixture.now() + other.keyLife + .seconds(1)
                #expect(here.credentials.keys.all(now: end).count == 2)
                // What the first node signs with is none of the second node's business.
                #expect(here.credentials.keys.all(now: end).contains { $0.publication?.node == 1 })
            }
        }
    }

    @Test("a key that has been replaced is good for guests' tokens until the last has ended, and for no other by then")
    func replacedKey() async throws {
        try await ShopFixture.run(isAlone: false) { fixture in
            try await otherNode(fixture) { other, publisher in
                try await publisher.publish()
                let ring = try TokenKeyRing.open(directory: publisher.directory, now: ShopFixture.now())
                try TokenKeyRing.rotate(
                    directory: publisher.directory, now: ShopFixture.now(), tokenLifetime: other.keyLife)
                try await publisher.look()
                await fixture.identity.credentials.catchUp()
                let stolen = try await TokenIssuer(AccessTokenConfiguration(), keys: ring)
                let late = ShopFixture.now() + other.tokenLife + .seconds(1)
                for (role, isGood) in [(Principal.Role.guest, true), (.customer, false), (.admin, false)] {
                    let subject = role == .guest ? fixture.accounts.newGuest().description : "cus_1"
                    let token = try await stolen.issue(subject: subject, role: role, sessionID: "s", now: late).token
                    let principal = try? await fixture.identity.verifier.verify(token, now: late)
                    #expect((principal != nil) == isGood, "\(role)")
                }
            }
        }
    }

    @Test("a node that has lost its keys ends those that it cannot sign with any more")
    func lostDirectory() async throws {
        try await ShopFixture.run { fixture in
            try await otherNode(fixture) { other, publisher in
                try await publisher.publish()
                try FileManager.default.removeItem(atPath: publisher.directory)
                try await publisher.publish()
                await other.credentials.catchUp()
                let mine = other.credentials.keys.all(now: ShopFixture.now()).filter { $0.publication?.node == 2 }
                #expect(mine.count == 2 && mine.filter { $0.endsAt == nil }.count == 1)
            }
        }
    }

    @Test("a refresh token is traded for the same by every node that has the secret of the cluster, and by no other")
    func refreshSecret() throws {
        let secrets = [[UInt8](repeating: 1, count: 32), [UInt8](repeating: 2, count: 32)].map(ClusterSecret.init)
        let token = RefreshToken(issuedFor: "ses_1")
        let traded = secrets.map { RefreshToken(replacing: token, with: RefreshSecret($0)).text }
        #expect(traded[0] != traded[1])
        let again = ClusterSecret([UInt8](repeating: 1, count: 32))
        #expect(RefreshToken(replacing: token, with: RefreshSecret(again)).text == traded[0])
    }

    @Test("the secret's file has 32 characters or more, for its owner's eyes, and its line's end does not count")
    func secretFile() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("secret-\(UUID())").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let text = String(repeating: "s", count: 32)
        try SecretFile.create(path, [UInt8]("\(text)\n".utf8))
        let token = RefreshToken(issuedFor: "ses_1")
        let expected = RefreshToken(replacing: token, with: RefreshSecret(ClusterSecret([UInt8](text.utf8)))).text
        #expect(RefreshToken(replacing: token, with: RefreshSecret(try ClusterSecret(file: path))).text == expected)
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        #expect(throws: ClusterSecret.Failure.self) { try ClusterSecret(file: path) }
        try FileManager.default.removeItem(atPath: path)
        try SecretFile.create(path, [UInt8]("short\n".utf8))
        #expect { try ClusterSecret(file: path) } throws: { "\($0)".contains("fewer than 32") }
    }

    private static func ids(of identity: Identity) -> [String] {
        let set = (try? JSONSerialization.jsonObject(with: Data(identity.jwks()))) as? [String: [[String: String]]]
        return set?["keys"]?.compactMap { $0["kid"] } ?? []
    }
}
