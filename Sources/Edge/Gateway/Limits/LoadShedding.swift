import NIOCore
import NIOHTTP1

/// Turns requests of HTTP/1.1 away on their event loop while the node works on all that it admits.
///
/// Under overload a node does little but refuse. What is turned away here has woken no task, looked up no route and
/// checked no token, and its answer's bytes stand ready, so that refusing costs what is admitted as little as can be,
/// and waits for none of it. It is told what ``AdmissionControl`` tells.
struct LoadShedding: Sendable {
    private let admission: AdmissionControl
    /// Paths that are always answered, and how they begin where a query follows.
    private let probes: [(path: String, beforeQuery: String)]
    private let answer = AnswerTemplate(AdmissionControl.refusal)
    private let turnedAway: Counter

    init(_ admission: AdmissionControl, probes: Set<String>, metrics: Metrics) {
        self.admission = admission
        self.probes = probes.map { ($0, $0 + "?") }
        turnedAway = metrics.counter(
            "http_requests_turned_away_total",
            "Requests refused before they were read, because as many were being worked on as may be.")
    }

    /// The answer to a request that is turned away; nil for one that goes on.
    ///
    /// A browser's script of another origin could not read the answer without fields that depend on its request, and a
    /// client that waits to be asked for the body is not to be told two things at once: these go on, and are refused
    /// behind their route.
    func answer(to head: HTTPRequestHead, _ fields: HeadFields) -> ByteBuffer? {
        guard admission.isFull, !fields.hasOrigin, !fields.hasExpectation, !isProbe(head.uri) else { return nil }
        turnedAway.add()
        let named = fields.requestID.flatMap { RequestID.isAcceptable($0) ? $0 : nil }
        return answer.bytes(requestID: named ?? RequestID.next(), isToHead: head.method == .HEAD)
    }

    private func isProbe(_ target: String) -> Bool {
        probes.contains { target == $0.path || target.hasPrefix($0.beforeQuery) }
    }
}
