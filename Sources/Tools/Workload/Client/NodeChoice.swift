import Synchronization

/// Which of several nodes is asked next: each in its turn, those last that have just failed.
final class NodeChoice: Sendable {
    /// So long a node that gave no answer is asked only when all others have failed too.
    private static let rest = Duration.seconds(2)

    let addresses: [GatewayAddress]
    private let turn: Mutex<Turn>

    private struct Turn {
        var next = 0
        /// When each may be asked again.
        var rested: [ContinuousClock.Instant]
    }

    /// - Parameter addresses: at least one.
    init(_ addresses: [GatewayAddress]) {
        precondition(!addresses.isEmpty, "a client asks one node or more")
        self.addresses = addresses
        turn = Mutex(Turn(rested: Array(repeating: .now, count: addresses.count)))
    }

    /// The place of the node whose turn it is.
    func next() -> Int {
        guard addresses.count > 1 else { return 0 }
        let now = ContinuousClock.now
        return turn.withLock { turn in
            let places = (0..<addresses.count).map { (turn.next + $0) % addresses.count }
            let place = places.first { turn.rested[$0] <= now } ?? places[0]
            turn.next = (place + 1) % addresses.count
            return place
        }
    }

    /// A node gave no answer.
    func failed(_ place: Int) { turn.withLock { $0.rested[place] = .now + Self.rest } }
}
