import EventSourcing
import Foundation

/// A moment as signatures write it, to the second: `20261129T091500Z`.
struct SigningTime: CustomStringConvertible {
    private static let length = 16

    let description: String

    /// The day alone: `20261129`.
    var day: String { String(description.prefix(8)) }

    init(_ moment: Timestamp) {
        var seconds = time_t(moment.microseconds / 1_000_000)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        description = withUnsafeTemporaryAllocation(of: CChar.self, capacity: Self.length + 1) { buffer in
            let count = strftime(buffer.baseAddress!, buffer.count, "%Y%m%dT%H%M%SZ", &parts)
            return String(decoding: buffer[..<count].lazy.map(UInt8.init(bitPattern:)), as: UTF8.self)
        }
    }
}
