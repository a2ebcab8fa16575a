import Foundation

/// The access token in a file, renewed when the file also holds what renews it.
///
/// The file holds the access token alone, or `{"access_token","refresh_token"}` as a log-in answers. A renewed pair is
/// written back in one step with mode 0600 before it is used, because the gateway ends the whole family of sessions
/// when an old refresh token is shown again.
public actor TokenFile {
    public struct Tokens: Sendable, Equatable, Codable {
        public var accessToken: String
        public var refreshToken: String?
    }

    public enum Fault: Error, Equatable, CustomStringConvertible {
        case unreadable(path: String, reason: String)
        case noToken(path: String)
        case refused(path: String)
        case notRenewed(String)
        case unwritable(path: String, reason: String)

        public var description: String {
            switch self {
            case .unreadable(let path, let reason): "cannot read the token file \(path): \(reason)"
            case .noToken(let path): "the token file \(path) holds no access token"
            case .refused(let path):
                "the gateway refuses the token in \(path), and the file holds none to renew it with"
            case .notRenewed(let reason): "the access token cannot be renewed: \(reason)"
            case .unwritable(let path, let reason): "cannot write the token file \(path): \(reason)"
            }
        }
    }

    private let path: String
    private var tokens: Tokens
    /// One renewal serves everybody who waits for one.
    private var renewal: Task<Tokens, any Error>?

    public init(path: String) throws(Fault) {
        self.path = path
        tokens = try Self.read(path)
    }

    public var accessToken: String { tokens.accessToken }

    /// Replaces the token that the gateway just refused, unless another request has done so already.
    ///
    /// - Parameter exchange: trades a refresh token for a new pair.
    func renew(refused: String, exchange: @escaping @Sendable (String) async throws -> Tokens) async throws {
        guard tokens.accessToken == refused else { return }
        if let renewal {
            tokens = try await renewal.value
            return
        }
        let onDisk = try Self.read(path)
        if onDisk.accessToken != refused {
            tokens = onDisk
            return
        }
        guard let refreshToken = onDisk.refreshToken else { throw Fault.refused(path: path) }
        let path = path
        let renewal = Task {
            let renewed = try await exchange(refreshToken)
            try Self.write(renewed, to: path)
            return renewed
        }
        self.renewal = renewal
        defer { self.renewal = nil }
        tokens = try await renewal.value
    }

    private static func read(_ path: String) throws(Fault) -> Tokens {
        let data: Data
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: path))
        } catch {
            let code = ((error as? CocoaError)?.underlying as? POSIXError)?.code
            let reason = code.map { String(cString: strerror($0.rawValue)) } ?? error.localizedDescription
            throw .unreadable(path: path, reason: reason)
        }
        let text = String(decoding: data, as: UTF8.self).trimmed
        guard !text.isEmpty else { throw .noToken(path: path) }
        guard text.hasPrefix("{") else {
            guard text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else { throw .noToken(path: path) }
            return Tokens(accessToken: text, refreshToken: nil)
        }
        guard let tokens = try? JSON.decoder.decode(Tokens.self, from: data), !tokens.accessToken.isEmpty else {
            throw .noToken(path: path)
        }
        return tokens
    }

    private static func write(_ tokens: Tokens, to path: String) throws {
        let temporary = "\(path).\(ProcessInfo.processInfo.processIdentifier).new"
        let data = try JSON.encoder.encode(tokens)
        let attributes: [FileAttributeKey: Any] = [.posixPermissions: 0o600]
        guard FileManager.default.createFile(atPath: temporary, contents: data, attributes: attributes) else {
            throw Fault.unwritable(path: temporary, reason: "it cannot be created")
        }
        guard rename(temporary, path) == 0 else {
            throw Fault.unwritable(path: path, reason: String(cString: strerror(errno)))
        }
    }
}

/// The gateway's JSON: snake_case names.
enum JSON {
    static var encoder: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }

    static var decoder: JSONDecoder {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return decoder
    }
}
