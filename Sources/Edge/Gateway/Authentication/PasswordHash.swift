import CLibCrypto

/// What one scrypt costs (RFC 7914).
public struct ScryptCost: Hashable, Sendable {
    /// log₂ of N.
    public let logN: Int
    public let r: Int
    public let p: Int

    /// N = 2^17, r = 8, p = 1: 128 MiB and about half a second. OWASP Password Storage Cheat Sheet, 2025.
    public static let standard = ScryptCost(logN: 17, r: 8, p: 1)

    /// A stored hash may not ask for more memory than this: 256 MiB is twice the standard.
    static let memoryMax = 256 << 20
    /// Below 2^10 a hash protects no account.
    static let logNRange = 10...20
    static let rRange = 1...32
    static let pRange = 1...4

    public init(logN: Int, r: Int, p: Int) {
        self.logN = logN
        self.r = r
        self.p = p
    }

    var memory: Int { 128 * r * (1 << logN) }

    /// What libcrypto takes in all: the table, the blocks of every lane, and the working block.
    var memoryAllowed: UInt64 { UInt64(memory + 128 * r * (p + 2) + 1 << 20) }

    var isBounded: Bool {
        Self.logNRange.contains(logN) && Self.rRange.contains(r) && Self.pRange.contains(p) && memory <= Self.memoryMax
    }
}

/// A password as it is stored: `$scrypt$ln=17,r=8,p=1$<salt>$<hash>`, the PHC string format, base 64 without padding.
/// https://github.com/P-H-C/phc-string-format
public struct PasswordHash: Equatable, Sendable, LosslessStringConvertible {
    public let cost: ScryptCost
    let salt: [UInt8]
    let digest: [UInt8]

    static let saltLength = 16
    static let digestLength = 32
    static let saltLengthRange = 8...64
    static let digestLengthRange = 16...64

    init(cost: ScryptCost, salt: [UInt8], digest: [UInt8]) {
        self.cost = cost
        self.salt = salt
        self.digest = digest
    }

    /// Nil for another scheme and for parameters out of bounds.
    public init?(_ text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: "$"), omittingEmptySubsequences: false)
        guard parts.count == 5, parts[0].isEmpty, parts[1].elementsEqual("scrypt".utf8) else { return nil }
        let parameters = parts[2].split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        guard parameters.count == 3, let logN = Self.parameter("ln=", parameters[0]),
            let r = Self.parameter("r=", parameters[1]),
            let p = Self.parameter("p=", parameters[2])
        else { return nil }
        cost = ScryptCost(logN: logN, r: r, p: p)
        guard cost.isBounded, let salt = Base64.standard.decode(parts[3]), Self.saltLengthRange.contains(salt.count),
            let digest = Base64.standard.decode(parts[4]), Self.digestLengthRange.contains(digest.count)
        else { return nil }
        self.salt = salt
        self.digest = digest
    }

    private static func parameter(_ name: String, _ text: Substring.UTF8View) -> Int? {
        guard text.starts(with: name.utf8) else { return nil }
        let digits = text.dropFirst(name.utf8.count)
        guard (1...2).contains(digits.count), digits.first != UInt8(ascii: "0"),
            let value = JSONNumber.plainInteger(ArraySlice(digits)), value > 0, digits.first != UInt8(ascii: "+")
        else { return nil }
        return Int(value)
    }

    public var description: String {
        "$scrypt$ln=\(cost.logN),r=\(cost.r),p=\(cost.p)$\(Base64.standard.encode(salt))"
            + "$\(Base64.standard.encode(digest))"
    }

    // MARK: Work

    /// Hashes with a fresh salt. Takes as long as the cost says: never on an event loop or the cooperative pool.
    static func compute(_ password: [UInt8], cost: ScryptCost, salt: [UInt8]) -> PasswordHash? {
        scrypt(password, cost: cost, salt: salt, length: digestLength).map {
            PasswordHash(cost: cost, salt: salt, digest: $0)
        }
    }

    /// Whether the password is the one; nil when libcrypto could not say (no memory). As slow as `compute`.
    func matches(_ password: [UInt8]) -> Bool? {
        guard let other = Self.scrypt(password, cost: cost, salt: salt, length: digest.count) else { return nil }
        return CRYPTO_memcmp(digest, other, digest.count) == 0
    }

    private static func scrypt(_ password: [UInt8], cost: ScryptCost, salt: [UInt8], length: Int) -> [UInt8]? {
        var digest = [UInt8](repeating: 0, count: length)
        let succeeded = password.withUnsafeBufferPointer { password in
            password.withMemoryRebound(to: CChar.self) { password in
                EVP_PBE_scrypt(
                    password.baseAddress, password.count, salt, salt.count, 1 << UInt64(cost.logN), UInt64(cost.r),
                    UInt64(cost.p), cost.memoryAllowed, &digest, length)
            }
        }
        return succeeded == 1 ? digest : nil
    }
}
