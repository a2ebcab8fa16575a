import Synchronization

/// The requests of a client that wait for their answers. Once one has waited for long, people are told whom for.
final class RequestWaits: Sendable {
    /// Shorter ones are those of an election, or of a busy node.
    static let quietMax = Duration.seconds(2)
    private static let look = Duration.milliseconds(100)

    struct Wait {
        fileprivate let begun: ContinuousClock.Instant
        /// The node that has last given no answer.
        fileprivate var node: GatewayAddress
        /// Why it has given no answer; nil while it is asked for the first time.
        fileprivate var obstacle: String?
    }

    private struct State {
        var last: UInt64 = 0
        var waits: [UInt64: Wait] = [:]
    }

    private let state = Mutex(State())

    /// - Returns: the number of the wait.
    func begin(for node: GatewayAddress) -> UInt64 {
        state.withLock { state in
            state.last += 1
            state.waits[state.last] = Wait(begun: .now, node: node)
            return state.last
        }
    }

    func end(_ number: UInt64) { state.withLock { _ = $0.waits.removeValue(forKey: number) } }

    /// `node` has given no answer that counts, for this reason.
    func note(_ obstacle: String, of node: GatewayAddress, for number: UInt64) {
        state.withLock { state in
            state.waits[number]?.node = node
            state.waits[number]?.obstacle = obstacle
        }
    }

    /// Returns once it has told of one request that has waited for long, or when its task is cancelled.
    ///
    /// - Parameter limit: how long a request waits.
    func tell(limit: Duration, _ tell: @Sendable (String) -> Void) async {
        while true {
            do { try await Task.sleep(for: Self.look) } catch { return }
            let oldest = state.withLock { $0.waits.values.min { $0.begun < $1.begun } }
            guard let oldest, oldest.begun.duration(to: .now) > Self.quietMax else { continue }
            let reason = oldest.obstacle ?? "no answer yet"
            return tell("Waiting for \(oldest.node) (\(reason)), for up to \(limit.components.seconds) s in all")
        }
    }
}
