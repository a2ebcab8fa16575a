import Testing

@testable import Gateway

@Suite("Passwords")
struct PasswordTests {
    /// Cheap enough to run many.
    static func configuration(threads: Int = 1, queue: Int = 16) -> PasswordHasher.Configuration {
        var configuration = PasswordHasher.Configuration()
        configuration.cost = ScryptCost(logN: 10, r: 8, p: 1)
        configuration.threads = threads
        configuration.queueMax = queue
        return configuration
    }

    @Test("scrypt is RFC 7914's: its test vector 2")
    func vector() throws {
        let hash = PasswordHash(
            cost: ScryptCost(logN: 10, r: 8, p: 16), salt: [UInt8]("NaCl".utf8),
            digest: [
                0xfd, 0xba, 0xbe, 0x1c, 0x9d, 0x34, 0x72, 0x00, 0x78, 0x56, 0xe7, 0x19, 0x0d, 0x01, 0xe9, 0xfe, 0x7c,
                0x6a, 0xd7, 0xcb, 0xc8, 0x23,
                0x78, 0x30, 0xe7, 0x73, 0x76, 0x63, 0x4b, 0x37, 0x31, 0x62, 0x2e, 0xaf, 0x30, 0xd9, 0x2e, 0x22, 0xa3,
                0x88, 0x6f, 0xf1, 0x09, 0x27,
                0x9d, 0x98, 0x30, 0xda, 0xc7, 0x27, 0xaf, 0xb9, 0x4a, 0x83, 0xee, 0x6d, 0x83, 0x60, 0xcb, 0xdf, 0xa2,
                0xcc, 0x06, 0x40,
            ])
        #expect(hash.matches([UInt8]("password".utf8)) == true)
        #expect(hash.matches([UInt8]("Password".utf8)) == false)
    }

    @Test("a password is verified against its own hash only")
    func roundTrip() async throws {
        let hasher = PasswordHasher(Self.configuration())
        let stored = try await hasher.hash("correct horse").description
        #expect(stored.hasPrefix("$scrypt$ln=10,r=8,p=1$"))
        #expect(try await hasher.verify("correct horse", against: stored))
        #expect(try await !hasher.verify("correct hors", against: stored))
        #expect(try await !hasher.verify("", against: stored))
        #expect(try await hasher.hash("correct horse").description != stored)
        try await hasher.shutdown()
    }

    @Test("the standard cost works with the memory that it is given")
    func standardCost() throws {
        let hash = try #require(PasswordHash.compute([1, 2, 3], cost: .standard, salt: .random(count: 16)))
        #expect(hash.description.hasPrefix("$scrypt$ln=17,r=8,p=1$"))
        #expect(PasswordHash(hash.description) == hash)
    }

    @Test("hashes of another bounded cost still verify, and are known to be outdated")
    func olderCost() async throws {
        let hasher = PasswordHasher(Self.configuration())
        let older = try #require(
            PasswordHash.compute(
                [UInt8]("secret word".utf8), cost: ScryptCost(logN: 11, r: 4, p: 2), salt: .random(count: 8)))
        #expect(try await hasher.verify("secret word", against: older.description))
        #expect(hasher.isOutdated(older.description))
        #expect(try await !hasher.isOutdated(hasher.hash("secret word").description))
        try await hasher.shutdown()
    }

    @Test("an unknown account is refused by the same work, even with the right guess")
    func unknownAccount() async throws {
        let hasher = PasswordHasher(Self.configuration())
        #expect(try await !hasher.verify("whatever", against: nil))
        try await hasher.shutdown()
    }

    @Test("composed and decomposed letters are one password")
    func normalization() async throws {
        let hasher = PasswordHasher(Self.configuration())
        let stored = try await hasher.hash("caf\u{e9} au lait").description
        #expect(try await hasher.verify("cafe\u{301} au lait", against: stored))
        try await hasher.shutdown()
    }

    @Test(
        "malformed hashes are refused",
        arguments: [
            "", "$", "scrypt", "$scrypt$",
            "$argon2id$ln=10,r=8,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "$scrypt$ln=10,r=8$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "$scrypt$r=8,ln=10,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "$scrypt$ln=31,r=8,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "$scrypt$ln=20,r=32,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "$scrypt$ln=010,r=8,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "$scrypt$ln=+9,r=8,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "$scrypt$ln=10,r=0,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "$scrypt$ln=10,r=8,p=1$c2Fs$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "$scrypt$ln=10,r=8,p=1$c2FsdHNhbHQ$AAAA",
            "$scrypt$ln=10,r=8,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB",
            "$scrypt$ln=10,r=8,p=1$c2FsdHNhbHQ=$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "$scrypt$ln=10,r=8,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA$",
            " $scrypt$ln=10,r=8,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        ])
    func malformed(text: String) async throws {
        #expect(PasswordHash(text) == nil)
        let hasher = PasswordHasher(Self.configuration())
        await #expect(throws: PasswordHasher.Refusal.malformedHash) { try await hasher.verify("x", against: text) }
        try await hasher.shutdown()
    }

    @Test("more than the queue takes are refused, and the ones taken are answered")
    func bounded() async throws {
        var configuration = Self.configuration(threads: 1, queue: 2)
        configuration.cost = ScryptCost(logN: 14, r: 8, p: 1)
        let hasher = PasswordHasher(configuration)
        let outcomes = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<40 {
                group.addTask {
                    do throws(PasswordHasher.Refusal) {
                        _ = try await hasher.hash("correct horse")
                        return true
                    } catch {
                        #expect(error == .busy)
                        return false
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.contains(true) && outcomes.contains(false))
        #expect(try await hasher.hash("again").cost == configuration.cost)
        try await hasher.shutdown()
    }

    @Test("the replacement of a refresh token is the same each time, of each token another, and another with each key")
    func replacement() throws {
        let key = try TokenKey(generating: .es256)
        let token = RefreshToken(issuedFor: "ses_01ABC")
        let next = RefreshToken(replacing: token, with: RefreshSecret(key))
        // As a node makes it that starts again, or another that has the same keys.
        let again = RefreshToken(
            replacing: try #require(RefreshToken(token.text)),
            with: RefreshSecret(try #require(TokenKey(pem: key.pem))))
        #expect(again.text == next.text)
        #expect(RefreshToken(replacing: next, with: RefreshSecret(key)).text != next.text)
        let other = RefreshSecret(try TokenKey(generating: .eddsa))
        #expect(RefreshToken(replacing: token, with: other).text != next.text)
    }

    @Test("each caller has its turn, however much another has asked for")
    func turns() async throws {
        var queue = FairQueue<String>(max: 4, perCallerMax: 3)
        for text in ["a1", "a2", "a3"] { guard case .taken = queue.append(text, of: 1) else { throw Unfair() } }
        guard case .refused = queue.append("a4", of: 1) else { throw Unfair() }
        guard case .taken = queue.append("b1", of: 2) else { throw Unfair() }
        // It is full: the last of the caller with the most makes room, and no caller is kept out.
        guard case .takenInsteadOf("a3") = queue.append("c1", of: 3) else { throw Unfair() }
        guard case .refused = queue.append("c2", of: 3) else { throw Unfair() }
        var order: [String] = []
        while let next = queue.popFirst() { order.append(next) }
        #expect(order == ["a1", "b1", "c1", "a2"] && queue.count == 0)
    }

    private struct Unfair: Error {}

    @Test("one caller's flood keeps no other from being hashed")
    func flood() async throws {
        var configuration = Self.configuration(threads: 1, queue: 8)
        configuration.cost = ScryptCost(logN: 13, r: 8, p: 1)
        let hasher = PasswordHasher(configuration)
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<40 { group.addTask { _ = try? await hasher.hash("flood", for: number % 2) } }
            for caller in 2..<6 {
                group.addTask {
                    do { _ = try await hasher.hash("honest", for: caller) } catch { Issue.record("\(error)") }
                }
            }
        }
        try await hasher.shutdown()
    }

    @Test("a refresh token comes back from its text, and nothing else does")
    func refreshToken() throws {
        let token = RefreshToken(issuedFor: "ses_01ABC")
        let read = try #require(RefreshToken(token.text))
        #expect(read.sessionID == "ses_01ABC")
        #expect(read.digest == token.digest)
        let secret = RefreshSecret(try TokenKey(generating: .es256))
        let next = RefreshToken(replacing: token, with: secret)
        #expect(next.digest.family == token.digest.family && next.digest.rotation != token.digest.rotation)
        #expect(RefreshToken(issuedFor: "ses_01ABC").digest.family != token.digest.family)
        for bad in [
            "", ".", "a.b", token.text + "A", String(token.text.dropLast()), "." + token.text.split(separator: ".")[1],
            token.text + ".x",
        ] {
            #expect(RefreshToken(bad) == nil, "\(bad)")
        }
    }
}
