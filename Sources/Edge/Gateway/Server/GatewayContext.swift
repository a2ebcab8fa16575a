import Accounts
import EventSourcing
import Foundation
import Hummingbird
import Logging
import NIOCore
import Steps

/// What a route knows about its request beside the request itself.
public struct GatewayContext: RequestContext {
    public var coreContext: CoreRequestContextStorage
    let channel: any Channel

    /// The client's id for the request, or ours; told in `X-Request-Id` and in every log line.
    public internal(set) var requestID = ""
    /// The trace that the request belongs to, with our span, when the client sent one.
    public internal(set) var trace: TraceContext?
    /// Who asks; nil without a token, which a route with ``RoutePolicy/Access/role(_:)`` never sees.
    public internal(set) var principal: Principal?
    /// The conditions that the request makes. A versioned route compares them.
    public internal(set) var preconditions = Preconditions()
    /// Sessions that have ended, be it since the request began.
    var ended: EndedSessions?
    /// Where the request comes from.
    var client = ClientAddress(nil)
    /// When the request arrived.
    public internal(set) var receivedAt = Timestamp.zero
    /// Bytes that the route takes as a body.
    public internal(set) var bodyMax = RoutePolicy.standardBodyMax

    public init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }

    /// The logger with the request's id.
    public var log: Logger {
        var logger = self.logger
        logger[metadataKey: "request_id"] = .string(requestID)
        if let trace { logger[metadataKey: "trace_id"] = .string(trace.traceID) }
        return logger
    }

    /// Who asks.
    ///
    /// - Throws: 401.
    public func requirePrincipal() throws(Problem) -> Principal {
        guard let principal else { throw Problem(.authenticationRequired) }
        return principal
    }

    /// Who asks, when the role allows it; admins are staff, and both are customers.
    ///
    /// - Throws: 401, or 403.
    @discardableResult
    public func requireRole(_ role: Principal.Role) throws(Problem) -> Principal {
        let principal = try requirePrincipal()
        guard principal.role >= role else { throw Problem(.forbidden, "This needs the role \(role.rawValue).") }
        return principal
    }

    /// A part of the path, such as `id` of `/orders/{id}`, with its percent signs decoded.
    ///
    /// - Throws: 404 when `parse` takes it for none: there is nothing under such a name.
    public func parameter<T>(_ name: String, _ parse: (String) -> T?) throws(Problem) -> T {
        guard var text = parameters.get(name) else { throw Problem(.notFound) }
        // The router leaves the path as it came; ids, which are most, have nothing to decode.
        if text.utf8.contains(UInt8(ascii: "%")) {
            guard let decoded = text.removingPercentEncoding else { throw Problem(.notFound) }
            text = decoded
        }
        guard let value = parse(text) else { throw Problem(.notFound) }
        return value
    }
}
