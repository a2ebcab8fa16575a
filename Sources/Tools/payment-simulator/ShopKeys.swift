import Foundation
import HTTPTypes
import Hummingbird

/// The keys by which the simulator knows the shop: two while the shop replaces one by the other.
struct ShopKeys: Sendable, CustomStringConvertible {
    enum Failure: Error, Equatable, CustomStringConvertible {
        case unreadable(path: String)
        /// Others may read or write the file.
        case exposed(path: String)
        case malformed(path: String)

        var description: String {
            switch self {
            case .unreadable(let path): "\(path) cannot be read"
            case .exposed(let path): "\(path) holds a secret and others may read it; make its mode 600"
            case .malformed(let path):
                "\(path) holds no keys: one or two lines of 1 to \(lengthMax) visible ASCII characters"
            }
        }
    }

    static let lengthMax = 512
    static let countMax = 2
    private let keys: [[UInt8]]

    /// - Parameter path: a file with a key on each line, which its owner alone may read.
    init(file path: String) throws {
        guard let contents = FileManager.default.contents(atPath: path),
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        else { throw Failure.unreadable(path: path) }
        guard mode & 0o077 == 0 else { throw Failure.exposed(path: path) }
        var bytes = [UInt8](contents)
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        keys = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map(Array.init)
        let areKeys = keys.allSatisfy { key in
            (1...Self.lengthMax).contains(key.count) && key.allSatisfy { (0x21...0x7e).contains($0) }
        }
        guard areKeys, keys.count <= Self.countMax else { throw Failure.malformed(path: path) }
    }

    var description: String { "\(keys.count) keys" }

    /// Whether the value of `Authorization` is one of the keys. Takes as long for one that is nearly right.
    func areProven(by authorization: String) -> Bool {
        keys.reduce(false) { isProven, key in Self.isProven(key, by: authorization) || isProven }
    }

    private static func isProven(_ key: [UInt8], by authorization: String) -> Bool {
        let proof = Array(authorization.utf8)
        let expected = Array("Bearer ".utf8) + key
        guard proof.count == expected.count else { return false }
        return zip(proof, expected).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}

/// Lets in the shop alone, once there is a file with keys to know it by. The file is read for each request, so that
/// its keys can be replaced while the simulator runs.
struct KeyMiddleware: RouterMiddleware {
    let keyFile: String?

    func handle(
        _ request: Request, context: SimulatorContext, next: (Request, SimulatorContext) async throws -> Response
    ) async throws -> Response {
        if let keyFile {
            let proofs = request.headers[values: .authorization]
            guard proofs.count == 1, try ShopKeys(file: keyFile).areProven(by: proofs[0]) else {
                throw Refusal.unauthorized
            }
        }
        return try await next(request, context)
    }
}
