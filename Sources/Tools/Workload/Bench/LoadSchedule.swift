/// When each request of a load ought to start.
///
/// In an open load the moments are fixed beforehand, whatever the server does: a request that had to wait for its turn
/// waited for the server, and its latency counts from the moment it ought to have started. A closed load starts a
/// request whenever a connection is free, and so measures capacity and not waiting.
/// https://www.youtube.com/watch?v=lJ8ydIuPFeU ("How NOT to Measure Latency", Gil Tene)
struct LoadSchedule {
    enum Next: Equatable {
        /// Start a request that ought to have started at this time, in nanoseconds since the load began.
        case start(intended: UInt64)
        case wait(until: UInt64)
        case finished
    }

    private let pace: LoadPlan.Pace
    private let duration: UInt64
    private(set) var started: UInt64 = 0

    init(pace: LoadPlan.Pace, duration: Duration) {
        self.pace = pace
        self.duration = UInt64(duration.seconds * 1e9)
    }

    /// How many requests the load consists of; nil when the server's speed decides.
    var total: UInt64? {
        guard case .open(let perSecond) = pace else { return nil }
        return UInt64((perSecond * Double(duration) / 1e9).rounded(.up))
    }

    /// What a free connection does now.
    mutating func next(at elapsed: UInt64) -> Next {
        switch pace {
        case .closed:
            guard elapsed < duration else { return .finished }
            started += 1
            return .start(intended: elapsed)
        case .open(let perSecond):
            if let total, started >= total { return .finished }
            let intended = UInt64(Double(started) / perSecond * 1e9)
            guard intended <= elapsed else { return .wait(until: intended) }
            started += 1
            return .start(intended: intended)
        }
    }

    /// Takes the next request that will never be sent; nil when there is none left.
    mutating func abandon() -> UInt64? {
        guard case .start(let intended) = next(at: duration) else { return nil }
        return intended
    }
}

/// How hard, how long and over how many connections.
public struct LoadPlan: Sendable {
    public enum Pace: Equatable, Sendable {
        /// Requests per second, whatever the server does.
        case open(perSecond: Double)
        /// As fast as the server answers.
        case closed
    }

    public var pace: Pace
    public var duration: Duration
    /// HTTP/1.1 connections that are kept alive, one request at a time on each.
    public var connections: Int
    /// A request without an answer for so long has failed.
    public var requestLimit: Duration

    public init(pace: Pace, duration: Duration, connections: Int, requestLimit: Duration = .seconds(10)) {
        self.pace = pace
        self.duration = duration
        self.connections = connections
        self.requestLimit = requestLimit
    }
}
