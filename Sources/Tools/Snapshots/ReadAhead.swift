import Foundation
import Synchronization

/// What one thread makes for another, in order, and so much of it ahead as there is room for.
package final class ReadAhead<Element: Sendable>: Sendable {
    private let made = Mutex<[Result<Element?, any Error>]>([])
    private let isAbandoned = Atomic<Bool>(false)
    private let filled = DispatchSemaphore(value: 0)
    private let room = DispatchSemaphore(value: 0)
    private let ended = DispatchSemaphore(value: 0)

    private init(countMax: Int) {
        for _ in 0..<countMax { room.signal() }
    }

    /// Hands to `take` what `make` makes, on a thread of its own, until that is nil or one of them throws. The thread
    /// has ended when this returns.
    ///
    /// - Parameter countMax: so many are made and not taken at most.
    package static func each(
        countMax: Int, make: @escaping () throws -> Element?, take: (Element) throws -> Void
    ) throws {
        try with(countMax: countMax, make: make) { next in
            while let element = try next() { try take(element) }
        }
    }

    /// Lends `body` a source of what `make` makes on a thread of its own: an element at each call, nil behind the last.
    /// The thread has ended when this returns.
    ///
    /// - Parameter countMax: so many are made and not taken at most.
    package static func with(
        countMax: Int, make: @escaping () throws -> Element?, _ body: (@escaping () throws -> Element?) throws -> Void
    ) throws {
        // Nothing else calls it until the thread has ended.
        nonisolated(unsafe) let make = make
        let ahead = ReadAhead(countMax: countMax)
        Thread { ahead.fill(make) }.start()
        defer { ahead.end() }
        try body(ahead.next)
    }

    private func fill(_ make: () throws -> Element?) {
        defer { ended.signal() }
        while true {
            room.wait()
            if isAbandoned.load(ordering: .acquiring) { return }
            let next = Result { try make() }
            made.withLock { $0.append(next) }
            filled.signal()
            guard case .success(.some) = next else { return }
        }
    }

    private func next() throws -> Element? {
        filled.wait()
        let next = made.withLock { $0.removeFirst() }
        room.signal()
        return try next.get()
    }

    private func end() {
        isAbandoned.store(true, ordering: .releasing)
        room.signal()
        ended.wait()
    }
}
