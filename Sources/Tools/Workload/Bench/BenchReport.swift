import Foundation

/// What a load met with. The JSON form carries these names in snake_case.
public struct BenchReport: Codable, Equatable, Sendable {
    /// Requests that the load consisted of, those included that could not be sent in time.
    public var attempted = 0
    /// Answered 2xx.
    public var succeeded = 0
    /// Answered 409, 429 or 503: understood, and not done.
    public var refused = 0
    /// Anything else: another status, a lost connection, no answer in time.
    public var failed = 0
    /// Of those failed: never sent, because no connection came free in time.
    public var unsent = 0
    /// Sent again, to another node, because the first gave no answer.
    public var resent = 0
    /// From the first intended start to the last answer.
    public var durationSeconds = 0.0
    /// Succeeded, per second.
    public var rateAchieved = 0.0
    /// Asked for, per second; nil when as fast as possible.
    public var rateIntended: Double?
    public var connections = 0
    /// From the intended start to the answer, or to the moment the request was given up.
    public var latencyMs = LatencySummary(p50: 0, p99: 0, p999: 0, max: 0)
    /// As `latencyMs`, of those refused alone; zeros when none was.
    public var refusalMs = LatencySummary(p50: 0, p99: 0, p999: 0, max: 0)
    /// How many answers had which status.
    public var statuses: [String: Int] = [:]

    /// One JSON object.
    public func json() throws -> String { String(decoding: try JSON.encoder.encode(self), as: UTF8.self) }

    /// A table for people.
    public var text: String {
        let intended = rateIntended.map { "\(decimal($0, digits: 1))/s intended" } ?? "as fast as answered"
        let answers = statuses.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", ")
        let rows: [(String, String)] = [
            ("attempted", "\(attempted) over \(connections.counted("connection"))"),
            ("  succeeded", "\(succeeded)"),
            ("  refused", "\(refused)"),
            ("  failed", "\(failed), \(unsent) of them never sent"),
            ("sent again", "\(resent)"),
            ("answers", answers),
            ("duration", "\(decimal(durationSeconds, digits: 2)) s"),
            ("rate", "\(decimal(rateAchieved, digits: 1))/s, \(intended)"),
            ("latency", latencyMs.text),
            ("  refusals", refused > 0 ? refusalMs.text : "none"),
        ]
        return rows.map { $0.0.padding(toLength: 14, withPad: " ", startingAt: 0) + $0.1 }.joined(separator: "\n")
    }
}
