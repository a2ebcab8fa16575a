import Foundation
import HTTPTypes
import Hummingbird

/// The key by which the simulator knows the shop.
struct ShopKey: Sendable, CustomStringConvertible {
    enum Failure: Error, Equatable, CustomStringConvertible {
        case unreadable(path: String)
        /// Others may read or write the file.
        case exposed(path: String)
        case malformed(path: String)

        var description: String {
            switch self {
            case .unreadable(let path): "\(path) cannot be read"
            case .exposed(let path): "\(path) holds a secret and others may read it; make its mode 600"
            case .malformed(let path): "\(path) holds no key: one line of 1 to \(lengthMax) visible ASCII characters"
            }
        }
    }

    static let lengthMax = 512
    private let bytes: [UInt8]

    /// - Parameter path: a file with one line, which its owner alone may read.
    init(file path: String) throws {
        guard let contents = FileManager.default.contents(atPath: path),
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        else { throw Failure.unreadable(path: path) }
        guard mode & 0o077 == 0 else { throw Failure.exposed(path: path) }
        var bytes = [UInt8](contents)
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        guard (1...Self.lengthMax).contains(bytes.count), bytes.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw Failure.malformed(path: path)
        }
        self.bytes = bytes
    }

    var description: String { "a key" }

    /// Whether the value of `Authorization` is the key. Takes as long for one that is nearly right.
    func isProven(by authorization: String) -> Bool {
        let proof = Array(authorization.utf8)
        let expected = Array("Bearer ".utf8) + bytes
        guard proof.count == expected.count else { return false }
        return zip(proof, expected).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}

/// Lets in the shop alone, once there is a key to know it by.
struct KeyMiddleware: RouterMiddleware {
    let key: ShopKey?

    func handle(
        _ request: Request, context: SimulatorContext, next: (Request, SimulatorContext) async throws -> Response
    ) async throws -> Response {
        if let key {
            let proofs = request.headers[values: .authorization]
            guard proofs.count == 1, key.isProven(by: proofs[0]) else { throw Refusal.unauthorized }
        }
        return try await next(request, context)
    }
}
