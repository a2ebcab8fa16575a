import Synchronization

/// Refuses requests early while too many are being worked on. Those that were admitted go on undisturbed.
public final class AdmissionControl: Sendable {
    /// Requests being worked on at the same time. At 10,000 a second this is a fifth of a second of work.
    public static let standardMax = 2_048

    private let max: Int
    private let inFlight = Atomic<Int>(0)

    public init(max: Int = AdmissionControl.standardMax) { self.max = max }

    /// Requests that were admitted and not answered yet.
    public var count: Int { inFlight.load(ordering: .relaxed) }

    /// Whether the next request is refused.
    var isFull: Bool { count >= max }

    /// What a request is told that is not admitted.
    static var refusal: Problem { Problem(.overloaded).retry(after: .seconds(1)) }

    /// Admits a request, which then must call ``leave()``.
    ///
    /// - Throws: `overloaded`.
    public func enter() throws(Problem) {
        let before = inFlight.wrappingAdd(1, ordering: .relaxed).oldValue
        guard before < max else {
            inFlight.wrappingSubtract(1, ordering: .relaxed)
            throw Self.refusal
        }
    }

    public func leave() { inFlight.wrappingSubtract(1, ordering: .relaxed) }
}
