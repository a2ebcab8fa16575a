import EventSourcing

/// Stops calling a provider that fails, and finds out carefully when it is well again.
///
/// Closed, it counts the callers of a sliding window and opens when too many failed (`CallWindow`). Open, it rejects
/// every call for a while. Half open, it lets a few probes through: enough of them succeed and it closes, two callers
/// fail, or one call that follows no caller, and it opens again. A pure value: time comes in as a duration since any
/// fixed origin and never runs backwards. Source: Nygard, "Release It!", 2007.
///
/// Invariant: half open, probes in flight and probes succeeded are together at most `settings.probesMax`.
public struct CircuitBreaker: Sendable {
    /// When it opens, and for how long.
    public struct Settings: Hashable, Sendable {
        /// How long a call counts: long enough to gather `callsMin` in a quiet shop, short enough to forget an old
        /// outage.
        public var window: Duration = .seconds(30)
        /// Fewer calls than this in the window say nothing; all calls of one customer are one.
        public var callsMin = 10
        /// Opens when at least so many of a hundred counted calls in the window failed.
        public var failurePercent = 50
        /// How long it stays open: what a provider needs to restart.
        public var openDuration: Duration = .seconds(5)
        /// Probes of a half-open breaker; so many must succeed.
        public var probesMax = 3

        public init() {}
    }

    public enum State: String, CaseIterable, Sendable {
        case closed
        case open
        case halfOpen = "half_open"
    }

    /// What the caller is to do.
    public enum Directive: Hashable, Sendable {
        /// Make the call, and `record` how it went, whatever happens.
        case call(Permit)
        /// Do not call; it is not worth asking again before `retryAfter`.
        case reject(retryAfter: Duration)
    }

    /// Leave to make one call. It is void once the state has changed: late answers of an earlier state say nothing
    /// about this one.
    public struct Permit: Hashable, Sendable {
        fileprivate let epoch: UInt64
    }

    /// How a call went.
    public enum Verdict: Hashable, Sendable {
        case success
        case failure
        /// Given up by the caller, or never made: it says nothing.
        case abandoned
    }

    private enum Phase {
        case closed
        case open(until: Duration)
        /// `failed`: whose probe failed. That is no proof yet: what a customer sends may fail by itself.
        case halfOpen(inFlight: Int, succeeded: Int, failed: Caller?)
    }

    /// While all probes are under way, their answers are at most a moment away.
    public static let probeWait: Duration = .seconds(1)

    public let settings: Settings
    private var phase = Phase.closed
    private var window: CallWindow
    /// Counts the changes of state.
    private var epoch: UInt64 = 0

    public init(_ settings: Settings = Settings()) {
        self.settings = settings
        window = CallWindow(length: settings.window)
    }

    /// The state since the last call or verdict: an open breaker whose time is over is open until a caller asks.
    public var state: State {
        switch phase {
        case .closed: .closed
        case .open: .open
        case .halfOpen: .halfOpen
        }
    }

    /// Asks to make a call.
    public mutating func admit(at now: Duration) -> Directive {
        switch phase {
        case .closed:
            return .call(Permit(epoch: epoch))
        case .open(let until) where now < until:
            return .reject(retryAfter: until - now)
        case .open:
            change(to: .halfOpen(inFlight: 1, succeeded: 0, failed: nil))
            return .call(Permit(epoch: epoch))
        case .halfOpen(let inFlight, let succeeded, let failed):
            guard inFlight + succeeded < settings.probesMax else { return .reject(retryAfter: Self.probeWait) }
            phase = .halfOpen(inFlight: inFlight + 1, succeeded: succeeded, failed: failed)
            return .call(Permit(epoch: epoch))
        }
    }

    /// Tells how the call made under `permit` went. Once per permit.
    ///
    /// - Parameter caller: whom a failure may be due to; nil for one that is due to no caller, such as a refused
    ///   connection.
    public mutating func record(
        _ verdict: Verdict, for permit: Permit, by caller: Caller? = nil, at now: Duration
    ) {
        guard permit.epoch == epoch else { return }
        switch phase {
        case .closed:
            guard verdict != .abandoned else { return }
            window.count(failed: verdict == .failure, by: caller, at: now)
            if window.calls >= settings.callsMin, window.failures * 100 >= settings.failurePercent * window.calls {
                change(to: .open(until: now + settings.openDuration))
            }
        case .halfOpen(let inFlight, let succeeded, let failed):
            switch verdict {
            case .success where succeeded + 1 == settings.probesMax: change(to: .closed)
            case .success: phase = .halfOpen(inFlight: inFlight - 1, succeeded: succeeded + 1, failed: failed)
            case .failure:
                if let caller, failed.map({ caller.mayShareCause(with: $0) }) ?? true {
                    phase = .halfOpen(inFlight: inFlight - 1, succeeded: succeeded, failed: failed ?? caller)
                } else {
                    change(to: .open(until: now + settings.openDuration))
                }
            case .abandoned: phase = .halfOpen(inFlight: inFlight - 1, succeeded: succeeded, failed: failed)
            }
        case .open:
            preconditionFailure("an open breaker has no permits out")
        }
    }

    private mutating func change(to next: Phase) {
        phase = next
        epoch += 1
        window = CallWindow(length: settings.window)
    }
}
