import Hummingbird

extension Request {
    /// The object that the body is; nil when there is no body.
    ///
    /// Callers are not optimised: Swift 6.3.1 crashes when it splits the coroutines that it makes of them.
    @inline(never) @_optimize(none)
    func decodeOptional<T>(_ context: GatewayContext, _ body: (inout ObjectReader) -> T?) async throws -> T? {
        try await optionalDocument(context)?.decode(body)
    }

    /// The body as JSON; nil when there is no body.
    func optionalDocument(_ context: GatewayContext) async throws -> JSONDocument? {
        let bytes = try await bytes(context)
        guard !bytes.isEmpty else { return nil }
        try requireJSON()
        return try JSONDocument(bytes)
    }
}
