import EventSourcing

/// Where a password was typed: digests, for who reads a log need not learn where people live.
public struct LogInOrigin: Hashable, Sendable {
    /// Of the network address.
    public let address: Digest256
    /// Of the address and what the client calls itself: one device among those behind an address.
    public let device: Digest256

    public init(address: Digest256, device: Digest256) {
        self.address = address
        self.device = device
    }
}

/// The log-ins of one account, good and bad: they decide who may go on guessing at its password.
///
/// A stranger's wrong passwords shut out strangers, never the holder: failures are counted for each origin from which
/// the holder has come before, and for all others together. No more than `failuresMax` of each are ever recorded in a
/// row, so that a log cannot be filled with them.
///
/// Source: NIST SP 800-63B-4, section 3.2.2: no more than 100 wrong passwords in a row.
public struct LogIns: Aggregate, Equatable {
    public let id: CustomerID
    /// Wrong passwords in a row from where the holder has never been.
    public package(set) var failures: UInt64 = 0
    /// Where the holder has been, the latest last; at most `originsMax`.
    public package(set) var origins: [Known] = []

    public init(id: CustomerID) { self.id = id }

    /// An origin from which the right password came.
    public struct Known: Hashable, Sendable {
        public let origin: LogInOrigin
        /// Wrong passwords in a row from there, since the right one.
        public package(set) var failures: UInt64

        public init(origin: LogInOrigin, failures: UInt64) {
            self.origin = origin
            self.failures = failures
        }
    }

    public enum Command: Sendable {
        /// A wrong password.
        case fail(LogInOrigin)
        /// The right one: nothing counts any more that came before.
        case succeed(LogInOrigin)
        /// An administrator lets everybody guess anew.
        case clear
        /// The account is erased: where its holder has been is told no more.
        case erase
    }

    public enum Event: Sendable, Equatable {
        case failed(LogInOrigin, at: Timestamp)
        case succeeded(LogInOrigin, at: Timestamp)
        case cleared(at: Timestamp)
        case erased(at: Timestamp)
    }

    public enum Refusal: Error, Sendable, Equatable {
        /// There were `failuresMax` wrong passwords in a row: even the right one is not taken from there.
        case blocked
    }

    /// Section 3.2.2 of the standard.
    public static let failuresMax: UInt64 = 100
    /// A person's devices and the places where they use them.
    public static let originsMax = 8

    /// Whether no password is taken from there.
    public func isBlocked(_ origin: LogInOrigin) -> Bool {
        (place(of: origin).map { origins[$0].failures } ?? failures) >= Self.failuresMax
    }

    /// Whether any wrong password counts.
    public var hasFailures: Bool { failures > 0 || origins.contains { $0.failures > 0 } }

    /// Whether the holder has come with this very device, and not only from its address.
    public func knowsDevice(_ origin: LogInOrigin) -> Bool { origins.contains { $0.origin.device == origin.device } }

    /// The device as it was known, or else the last one from its address.
    private func place(of origin: LogInOrigin) -> Int? {
        origins.firstIndex { $0.origin.device == origin.device }
            ?? origins.lastIndex { $0.origin.address == origin.address }
    }

    public func decide(_ command: Command, at now: Timestamp) throws(Refusal) -> [Event] {
        switch command {
        case .fail(let origin):
            guard !isBlocked(origin) else { throw .blocked }
            return [.failed(origin, at: now)]
        case .succeed(let origin):
            guard !isBlocked(origin) else { throw .blocked }
            return [.succeeded(origin, at: now)]
        case .clear:
            return hasFailures ? [.cleared(at: now)] : []
        case .erase:
            return hasFailures || !origins.isEmpty ? [.erased(at: now)] : []
        }
    }

    public mutating func apply(_ event: Event) {
        switch event {
        case .failed(let origin, _):
            if let place = place(of: origin) { origins[place].failures += 1 } else { failures += 1 }
        case .succeeded(let origin, _):
            forgetFailures()
            origins.removeAll { $0.origin.device == origin.device }
            origins.append(Known(origin: origin, failures: 0))
            if origins.count > Self.originsMax { origins.removeFirst() }
        case .cleared: forgetFailures()
        case .erased:
            failures = 0
            origins = []
        }
    }

    private mutating func forgetFailures() {
        failures = 0
        for place in origins.indices { origins[place].failures = 0 }
    }
}
