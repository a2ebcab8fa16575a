import Hummingbird
import NIOCore
import ServiceLifecycle

/// Makes calls of the API go wrong as the switches say, before or after the ledger has changed.
struct FaultMiddleware: RouterMiddleware {
    let switches: FaultSwitches

    func handle(
        _ request: Request, context: SimulatorContext, next: (Request, SimulatorContext) async throws -> Response
    ) async throws -> Response {
        // Whole before anything else: a request can only be watched for its caller's leaving once its body has been
        // read.
        var request = request
        try await request.collectBoundedBody()

        let delay = switches.faults.delayMilliseconds
        if delay > 0 { try await cancelWhenGracefulShutdown { try await Task.sleep(for: .milliseconds(delay)) } }
        if switches.strikes(.closeBefore) { return try await context.closeConnection() }
        if switches.strikes(.hangBefore) { return try await context.hang(request) }
        if switches.strikes(.errorBefore) { throw Refusal.fault }

        let response = try await next(request, context)

        guard request.method == .post, response.status.kind == .successful else { return response }
        if switches.strikes(.closeAfter) { return try await context.closeConnection() }
        if switches.strikes(.hangAfter) { return try await context.hang(request) }
        if switches.strikes(.errorAfter) { throw Refusal.fault }
        return response
    }
}

extension Request {
    /// Reads the body as a whole.
    @discardableResult
    mutating func collectBoundedBody() async throws -> ByteBuffer {
        do {
            return try await collectBody(upTo: Limits.bodyBytesMax)
        } catch is NIOTooManyBytesError {
            throw Refusal.bodyTooLarge
        }
    }
}

/// A request that can be left without an answer.
struct SimulatorContext: RequestContext {
    /// A caller that waits longer than this has no limit of its own.
    static let hangMax: Duration = .seconds(60)

    var coreContext: CoreRequestContextStorage
    private let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }

    /// Never answers: holds the request until the caller has gone, or the simulator stops, and closes the connection.
    func hang(_ request: Request) async throws -> Response {
        do {
            try await cancelWhenGracefulShutdown {
                try await request.body.consumeWithCancellationOnInboundClose { _ in
                    try await Task.sleep(for: Self.hangMax)
                }
            }
        } catch is CancellationError {}
        return try await closeConnection()
    }

    /// Closes the connection without an answer.
    func closeConnection() async throws -> Response {
        if channel.isActive { try await channel.close(mode: .all) }
        throw CancellationError()
    }
}
