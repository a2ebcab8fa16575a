#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif
import Synchronization

/// The present as RFC 9110, section 5.6.7, writes it: `Sun, 06 Nov 1994 08:49:37 GMT`. For the few answers that the
/// server library does not date.
enum HTTPDate {
    private static let length = 29
    /// It is written once a second.
    private static let written = Mutex((seconds: 0, text: ""))

    static func now() -> String {
        let seconds = time(nil)
        return written.withLock { written in
            if written.seconds != seconds { written = (seconds, text(of: seconds)) }
            return written.text
        }
    }

    private static func text(of seconds: Int) -> String {
        var seconds = seconds
        var moment = tm()
        gmtime_r(&seconds, &moment)
        // The process keeps the C locale, whose names of days and months are these.
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: length + 1) { buffer in
            let count = strftime(buffer.baseAddress!, buffer.count, "%a, %d %b %Y %H:%M:%S GMT", &moment)
            return String(decoding: buffer[..<count].lazy.map(UInt8.init(bitPattern:)), as: UTF8.self)
        }
    }
}
