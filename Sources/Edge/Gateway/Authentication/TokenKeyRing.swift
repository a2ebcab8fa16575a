import EventSourcing
import Foundation
import JWTKit

/// The key pairs of a node. The newest signs; tokens that the others have signed may still be good.
///
/// Kept as `token-<Unix milliseconds>.pem` with mode 0600 in a directory, and never sent anywhere; rotation adds a file
/// and removes those that no living token can have been signed with.
public struct TokenKeyRing: Sendable {
    public enum Failure: Error, CustomStringConvertible {
        case notAKey(path: String)
        case file(SecretFile.Failure)
        case directory(path: String, reason: String)

        public var description: String {
            switch self {
            case .notAKey(let path): "\(path) is no private key for ES256 or EdDSA in PKCS #8 PEM"
            case .file(let failure): failure.description
            case .directory(let path, let reason): "\(path): \(reason)"
            }
        }
    }

    /// The one that signs comes first.
    public let keys: [TokenKey]
    public var signing: TokenKey { keys[0] }
    /// When the key that signs was made; nil for one that is in no file.
    let signingSince: Timestamp?

    /// - Parameter keys: at least one; the first signs.
    public init(keys: [TokenKey], signingSince: Timestamp? = nil) {
        precondition(!keys.isEmpty, "a ring has a key to sign with")
        self.keys = keys
        self.signingSince = signingSince
    }
}

// MARK: - Files

extension TokenKeyRing {
    /// Reads the keys of a directory; makes the directory and a first key when there are none.
    public static func open(directory: String, algorithm: TokenAlgorithm = .es256, now: Timestamp) throws(Failure)
        -> TokenKeyRing
    {
        do throws(SecretFile.Failure) { try SecretFile.requireOwn(directory: directory) } catch { throw .file(error) }
        let names = try names(in: directory)
        if names.isEmpty {
            try add(algorithm, to: directory, at: now)
            return try TokenKeyRing(directory: directory, names: self.names(in: directory))
        }
        return try TokenKeyRing(directory: directory, names: names)
    }

    /// Adds a key that signs once it is published, and removes those that were replaced longer than `tokenLifetime`
    /// ago.
    public static func rotate(
        directory: String, algorithm: TokenAlgorithm = .es256, now: Timestamp, tokenLifetime: Duration
    ) throws(Failure) {
        let names = try names(in: directory)
        try add(algorithm, to: directory, at: now)
        for (name, successor) in zip(names.dropFirst(), names) {
            guard let replaced = moment(of: successor), now.since(replaced) > tokenLifetime else { continue }
            try catching(directory) { try FileManager.default.removeItem(atPath: directory + "/" + name) }
        }
    }

    private init(directory: String, names: [String]) throws(Failure) {
        var keys: [TokenKey] = []
        for name in names {
            let path = directory + "/" + name
            let bytes: [UInt8]
            do throws(SecretFile.Failure) { bytes = try SecretFile.read(path) } catch { throw .file(error) }
            guard let key = TokenKey(pem: String(decoding: bytes, as: UTF8.self)) else { throw .notAKey(path: path) }
            keys.append(key)
        }
        self.init(keys: keys, signingSince: names.first.flatMap(Self.moment))
    }

    private static func add(_ algorithm: TokenAlgorithm, to directory: String, at now: Timestamp) throws(Failure) {
        var pem = ""
        try catching(directory) {
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            pem = try TokenKey(generating: algorithm).pem
        }
        do throws(SecretFile.Failure) {
            try SecretFile.create("\(directory)/token-\(now.milliseconds).pem", [UInt8](pem.utf8))
        } catch { throw .file(error) }
    }

    /// The key files, newest first.
    private static func names(in directory: String) throws(Failure) -> [String] {
        var names: [String] = []
        guard FileManager.default.fileExists(atPath: directory) else { return [] }
        try catching(directory) { names = try FileManager.default.contentsOfDirectory(atPath: directory) }
        return names.compactMap { name in moment(of: name).map { (name, $0) } }.sorted { $0.1 > $1.1 }.map(\.0)
    }

    private static func moment(of name: String) -> Timestamp? {
        guard name.hasPrefix("token-"), name.hasSuffix(".pem") else { return nil }
        return Int64(name.dropFirst(6).dropLast(4)).map { Timestamp(milliseconds: $0) }
    }

    private static func catching(_ directory: String, _ body: () throws -> Void) throws(Failure) {
        do { try body() } catch { throw .directory(path: directory, reason: "\(error)") }
    }
}
