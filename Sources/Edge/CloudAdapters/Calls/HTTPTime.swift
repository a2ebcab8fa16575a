import EventSourcing
import Foundation

/// A moment as the header `Date` tells it: `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7).
struct HTTPTime {
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    let moment: Timestamp

    /// - Returns: nil for what is no such moment.
    init?(_ text: String) {
        let parts = text.split(separator: " ")
        guard parts.count == 6, parts[5] == "GMT", let day = Int32(parts[1]), let year = Int32(parts[3]),
            let month = Self.months.firstIndex(of: String(parts[2]))
        else { return nil }
        let clock = parts[4].split(separator: ":").compactMap { Int32($0) }
        guard clock.count == 3 else { return nil }
        var calendar = tm()
        (calendar.tm_year, calendar.tm_mon, calendar.tm_mday) = (year - 1_900, Int32(month), day)
        (calendar.tm_hour, calendar.tm_min, calendar.tm_sec) = (clock[0], clock[1], clock[2])
        moment = Timestamp(milliseconds: Int64(timegm(&calendar)) * 1_000)
    }
}
