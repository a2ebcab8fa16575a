import Dispatch
import Synchronization

extension Array where Element: Sendable {
    /// What `body` makes of each element, on as many threads as there are processors.
    func concurrentMap<Made: Sendable>(_ body: @Sendable (Element) throws -> Made) throws -> [Made] {
        let made = Mutex<[Int: Result<Made, any Error>]>([:])
        DispatchQueue.concurrentPerform(iterations: count) { place in
            let result = Result { try body(self[place]) }
            made.withLock { $0[place] = result }
        }
        return try made.withLock { made in try indices.compactMap { try made[$0]?.get() } }
    }
}
