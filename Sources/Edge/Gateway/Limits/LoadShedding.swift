import HTTPTypes

/// Turns requests away on their event loop while the node works on all that it admits.
///
/// Under overload a node does little but refuse. What is turned away here has woken no task, looked up no route and
/// checked no token, so that refusing costs what is admitted as little as can be, and waits for none of it. It is told
/// what ``AdmissionControl`` tells.
struct LoadShedding: Sendable {
    private let admission: AdmissionControl
    /// Paths that are always answered.
    private let probes: Set<String>
    private let turnedAway: Counter

    init(_ admission: AdmissionControl, probes: Set<String>, metrics: Metrics) {
        self.admission = admission
        self.probes = probes
        turnedAway = metrics.counter(
            "http_requests_turned_away_total",
            "Requests refused before they were read, because as many were being worked on as may be.")
    }

    /// The answer to a request that is turned away; nil for one that goes on.
    ///
    /// A browser's script of another origin could not read the answer without fields that depend on its request, and a
    /// client that waits to be asked for the body is not to be told two things at once: these go on, and are refused
    /// behind their route.
    func answer(to head: HTTPRequest) -> BareAnswer? {
        guard admission.isFull, !isProbe(head), head.headerFields[.origin] == nil, head.headerFields[.expect] == nil
        else { return nil }
        turnedAway.add()
        let named = head.headerFields[.requestID].flatMap { RequestID.isAcceptable($0) ? $0 : nil }
        return BareAnswer(AdmissionControl.refusal, requestID: named ?? RequestID.next())
    }

    private func isProbe(_ head: HTTPRequest) -> Bool {
        let path = head.path ?? ""
        return probes.contains(String(path.prefix { $0 != "?" }))
    }
}
