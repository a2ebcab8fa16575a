import Hummingbird
import NIOCore

extension Request {
    /// The whole body, at most `max` bytes of it.
    func bytes(max: Int) async throws -> [UInt8] {
        let buffer = try await body.collect(upTo: max)
        return Array(buffer.readableBytesView)
    }

    /// The object that the body is; nil when there is no body.
    func optionalObject<T>(max: Int = 16 << 10, _ body: (inout ObjectReader) -> T?) async throws -> T? {
        let bytes = try await bytes(max: max)
        return bytes.isEmpty ? nil : try JSONDocument(bytes).decode(body)
    }

    /// The object that the body is.
    func object<T>(max: Int = 256 << 10, _ body: (inout ObjectReader) -> T?) async throws -> T {
        try JSONDocument(try await bytes(max: max)).decode(body)
    }
}
