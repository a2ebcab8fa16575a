import Logging
import Synchronization

/// Tells the log that connections are turned away: each reason once in a while, with how often it was since.
final class ConnectionNotice: Sendable {
    enum Reason {
        /// As many as there may be are open.
        case full(Int)
        case addressFull(_ address: String, Int)
        case notAccepted(_ error: String)
    }

    /// As often as a line for one reason is written: a flood of connections is no flood of lines.
    static let interval = Duration.seconds(10)

    private struct Told {
        var last: Int64?
        var count = 0

        /// How often it happened since the last line; nil while it is too early for another.
        mutating func countIfDue(now: Int64) -> Int? {
            count += 1
            if let last, now - last < ConnectionNotice.interval.nanoseconds { return nil }
            defer { (last, count) = (now, 0) }
            return count
        }
    }

    private struct State {
        var full = Told()
        var address = Told()
        var error = Told()
    }

    private let state = Mutex(State())
    private let logger: Logger
    private let refused: Counter
    private let now: @Sendable () -> Int64

    /// - Parameters:
    ///   - refused: counts the connections that were closed, and the tries to accept one that failed.
    ///   - now: nanoseconds of a clock that never goes back.
    init(logger: Logger, refused: Counter, now: @escaping @Sendable () -> Int64) {
        self.logger = logger
        self.refused = refused
        self.now = now
    }

    func tell(_ reason: Reason) {
        let now = now()
        switch reason {
        case .full(let max):
            guard let count = state.withLock({ $0.full.countIfDue(now: now) }) else { return }
            logger.warning(
                "As many connections as there may be are open; others wait",
                metadata: ["connections_max": "\(max)", "times": "\(count)"])
        case .addressFull(let address, let max):
            refused.add()
            guard let count = state.withLock({ $0.address.countIfDue(now: now) }) else { return }
            logger.warning(
                "Connections are closed: their address has as many as it may",
                metadata: ["client": "\(address)", "connections_per_address_max": "\(max)", "times": "\(count)"])
        case .notAccepted(let error):
            refused.add()
            guard let count = state.withLock({ $0.error.countIfDue(now: now) }) else { return }
            logger.error(
                "A connection cannot be accepted; the next try is a moment later",
                metadata: ["reason": "\(error)", "times": "\(count)"])
        }
    }
}
