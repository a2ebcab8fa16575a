import EventSourcing

extension Timestamp {
    /// Appends the moment as RFC 3339 in UTC with six decimals: `2025-11-23T05:10:31.000250Z`.
    ///
    /// Years outside of 0...9999 have no such form; they are clamped.
    public func appendRFC3339(to bytes: inout [UInt8]) {
        let clamped = min(max(microseconds, Self.firstMicrosecond), Self.lastMicrosecond)
        let seconds = clamped.flooredQuotient(1_000_000)
        let days = seconds.flooredQuotient(86_400)
        let (year, month, day) = Self.civil(days: days)
        let second = seconds - days * 86_400
        bytes.appendDigits(year, 4)
        bytes.append(UInt8(ascii: "-"))
        bytes.appendDigits(month, 2)
        bytes.append(UInt8(ascii: "-"))
        bytes.appendDigits(day, 2)
        bytes.append(UInt8(ascii: "T"))
        bytes.appendDigits(second / 3_600, 2)
        bytes.append(UInt8(ascii: ":"))
        bytes.appendDigits(second / 60 % 60, 2)
        bytes.append(UInt8(ascii: ":"))
        bytes.appendDigits(second % 60, 2)
        bytes.append(UInt8(ascii: "."))
        bytes.appendDigits(clamped - seconds * 1_000_000, 6)
        bytes.append(UInt8(ascii: "Z"))
    }

    /// The moment as RFC 3339 in UTC.
    public var rfc3339: String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(27)
        appendRFC3339(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Reads a moment as RFC 3339 has it, to the microsecond; nil when it is none.
    public init?(rfc3339 text: String) {
        let form = /(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d\d):(\d\d))/
        guard let match = text.wholeMatch(of: form)?.output, let year = Int64(match.1), let month = Int64(match.2),
            let day = Int64(match.3), let hour = Int64(match.4), let minute = Int64(match.5),
            let second = Int64(match.6)
        else { return nil }
        let days = Self.days(year: year, month: month, day: day)
        // A day that the month does not have is one of the next.
        guard (1...12).contains(month), Self.civil(days: days) == (year, month, day) else { return nil }
        guard hour < 24, minute < 60, second < 60 else { return nil }
        var offset: Int64 = 0
        if let sign = match.8, let hours = match.9.flatMap({ Int64($0) }),
            let minutes = match.10.flatMap({ Int64($0) })
        {
            guard hours < 24, minutes < 60 else { return nil }
            offset = (sign == "-" ? -1 : 1) * (hours * 60 + minutes)
        }
        let decimals = (match.7.map(String.init) ?? "").prefix(6)
        let fraction = Int64(decimals + String(repeating: "0", count: 6 - decimals.count)) ?? 0
        let seconds = ((days * 24 + hour) * 60 + minute - offset) * 60 + second
        self.init(microseconds: seconds * 1_000_000 + fraction)
    }

    /// The days since 1970-01-01 of a Gregorian date.
    /// Howard Hinnant, https://howardhinnant.github.io/date_algorithms.html#days_from_civil
    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted.flooredQuotient(400)
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// 0000-01-01T00:00:00Z and the last microsecond of 9999.
    private static let firstMicrosecond: Int64 = -62_167_219_200_000_000
    private static let lastMicrosecond: Int64 = 253_402_300_799_999_999

    /// The Gregorian date of a day, counted from 1970-01-01.
    /// Howard Hinnant, https://howardhinnant.github.io/date_algorithms.html#civil_from_days
    private static func civil(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = shifted.flooredQuotient(146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }
}

extension Int64 {
    fileprivate func flooredQuotient(_ divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}

extension [UInt8] {
    /// Appends the last `count` digits of a number that is not negative.
    fileprivate mutating func appendDigits(_ value: Int64, _ count: Int) {
        var divisor: Int64 = 1
        for _ in 1..<count { divisor *= 10 }
        while divisor > 0 {
            append(UInt8(ascii: "0") + UInt8(value / divisor % 10))
            divisor /= 10
        }
    }
}
