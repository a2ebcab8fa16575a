import EventSourcing
import HTTPTypes

/// One line per request, in the form of ``JSONLogHandler``, written without swift-log's dictionaries on the way.
///
/// Holds who, what, how long and with what outcome; never a token, a body, a query or a header field of the client's.
struct AccessLog: Sendable {
    let sink: LineSink

    struct Entry {
        let time: Timestamp
        let method: HTTPRequest.Method
        /// The pattern and not the path, which holds ids.
        let route: String
        let status: Int
        let nanoseconds: Int64
        let bytes: Int?
        let client: String
        let context: GatewayContext
        let code: ProblemCode?
    }

    func record(_ entry: Entry) {
        var json = JSONWriter(capacity: 320)
        json.object { json in
            json.field("time", entry.time)
            json.field("level", entry.status >= 500 ? "warning" : "info")
            json.field("logger", "access")
            json.field("message", "request")
            json.field("request_id", entry.context.requestID)
            if let trace = entry.context.trace { json.field("trace_id", trace.traceID) }
            json.field("method", entry.method.rawValue)
            json.field("route", entry.route)
            json.field("status", entry.status)
            if let code = entry.code { json.field("code", code.rawValue) }
            json.field("duration_us", entry.nanoseconds / 1_000)
            if let bytes = entry.bytes { json.field("bytes", bytes) }
            json.field("client", entry.client)
            if let principal = entry.context.principal {
                json.field("subject", principal.subject)
                json.field("role", principal.role.rawValue)
            }
        }
        json.endLine()
        sink.append(json.bytes)
    }
}
