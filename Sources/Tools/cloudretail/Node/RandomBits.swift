import Foundation
import Synchronization

/// Random bits from the system, of which many are asked for at a time: every order needs some, and each question is a
/// system call.
final class RandomBits: Sendable {
    /// As many as `getentropy` gives at once, 256 bytes.
    private static let wordsAtOnce = 32

    private let drawn = Mutex<[UInt64]>([])

    func next() -> UInt64 {
        drawn.withLock { drawn in
            if drawn.isEmpty { drawn = Self.draw() }
            return drawn.removeLast()
        }
    }

    private static func draw() -> [UInt64] {
        var words = [UInt64](repeating: 0, count: wordsAtOnce)
        let isFilled = words.withUnsafeMutableBytes { getentropy($0.baseAddress!, $0.count) == 0 }
        precondition(isFilled, "the system has random bits")
        return words
    }
}
