/// Something that a node needs to serve, asked by `/readyz`.
public struct ReadinessCheck: Sendable {
    public enum Health: Sendable {
        case good
        /// The node serves, and does without it for a while.
        case degraded(String)
        /// The node cannot serve; why, for people.
        case failing(String)
    }

    /// Told to clients that ask for all of them.
    public let name: String
    let health: @Sendable () async -> Health

    public init(_ name: String, _ health: @escaping @Sendable () async -> Health) {
        self.name = name
        self.health = health
    }
}

/// What all checks said.
struct Readiness: Sendable {
    private let results: [(name: String, health: ReadinessCheck.Health)]

    init(_ checks: [ReadinessCheck]) async {
        var results: [(name: String, health: ReadinessCheck.Health)] = []
        for check in checks { results.append((check.name, await check.health())) }
        self.results = results
    }

    /// Why the node cannot serve; nil when it can.
    var reason: String? {
        for case (_, .failing(let reason)) in results { return reason }
        return nil
    }

    /// What the node does without while it serves; nil when it lacks nothing.
    var lack: String? {
        for case (_, .degraded(let reason)) in results { return reason }
        return nil
    }

    /// Each check by its name.
    func write(to json: inout JSONWriter) {
        json.array("checks") { json in
            for (name, health) in results {
                json.object { json in
                    json.field("name", name)
                    switch health {
                    case .good: json.field("status", "good")
                    case .degraded(let reason): Self.write("degraded", reason, to: &json)
                    case .failing(let reason): Self.write("failing", reason, to: &json)
                    }
                }
            }
        }
    }

    private static func write(_ status: String, _ reason: String, to json: inout JSONWriter) {
        json.field("status", status)
        json.field("detail", reason)
    }
}
