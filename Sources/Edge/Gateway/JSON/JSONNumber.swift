/// The value of a number that the parser has checked.
enum JSONNumber {
    /// The exact integer that the text names; nil when it names a fraction or does not fit.
    ///
    /// `10`, `10.0` and `1e1` are the same number, as JSON Schema has it.
    static func integer(_ text: ArraySlice<UInt8>) -> Int64? {
        if let plain = plainInteger(text) { return plain }
        var digits: [UInt8] = []
        var pointAt: Int?
        var exponent = 0
        var position = text.startIndex
        let isNegative = text.first == UInt8(ascii: "-")
        if isNegative { position += 1 }
        scan: while position < text.endIndex {
            switch text[position] {
            case UInt8(ascii: "."): pointAt = digits.count
            case UInt8(ascii: "e"), UInt8(ascii: "E"):
                // The parser bounds a number's length, so that an exponent past Int64 only means one past our range.
                guard let written = plainInteger(text[(position + 1)...]) else { return nil }
                guard abs(written) <= 1_000 else { return digits.allSatisfy { $0 == 0 } ? 0 : nil }
                exponent = Int(written)
                break scan
            default: digits.append(text[position] - UInt8(ascii: "0"))
            }
            position += 1
        }
        let integral = (pointAt ?? digits.count) + exponent
        var value: Int64 = 0
        for place in 0..<max(integral, digits.count) {
            let digit = place < digits.count ? Int64(digits[place]) : 0
            if place >= integral {
                guard digit == 0 else { return nil }
            } else {
                let (tens, overflowed) = value.multipliedReportingOverflow(by: 10)
                let (sum, overflowedAgain) = tens.addingReportingOverflow(isNegative ? -digit : digit)
                guard !overflowed, !overflowedAgain else { return nil }
                value = sum
            }
        }
        if integral < 0, digits.contains(where: { $0 != 0 }) { return nil }
        return value
    }

    /// Digits behind an optional sign; nil for anything else.
    static func plainInteger(_ text: ArraySlice<UInt8>) -> Int64? {
        var position = text.startIndex
        guard position < text.endIndex else { return nil }
        let first = text[position]
        let isNegative = first == UInt8(ascii: "-")
        if isNegative || first == UInt8(ascii: "+") { position += 1 }
        guard position < text.endIndex else { return nil }
        var value: Int64 = 0
        while position < text.endIndex {
            let digit = text[position] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            let (tens, overflowed) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflowedAgain) = tens.addingReportingOverflow(isNegative ? -Int64(digit) : Int64(digit))
            guard !overflowed, !overflowedAgain else { return nil }
            value = sum
            position += 1
        }
        return value
    }
}
