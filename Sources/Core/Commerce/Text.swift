/// Limits on text that people write.
extension String {
    /// Without the white space before and behind it.
    package var trimmed: String {
        let scalars = unicodeScalars
        guard scalars.first?.properties.isWhitespace == true || scalars.last?.properties.isWhitespace == true else {
            return self
        }
        let begun = scalars.drop { $0.properties.isWhitespace }
        let end = begun.lastIndex { !$0.properties.isWhitespace }.map { begun.index(after: $0) }
        return String(begun[..<(end ?? begun.startIndex)])
    }

    /// Whether there is nothing in this to read: nothing at all, or white space alone.
    package var isBlank: Bool { unicodeScalars.allSatisfy(\.properties.isWhitespace) }

    /// Whether this has so many Unicode scalars and none of them is a control character.
    ///
    /// - Parameters:
    ///   - length: where it is one at least, the text may not be blank either.
    ///   - multiline: allows line feed, carriage return and tab.
    package func isText(_ length: ClosedRange<Int>, multiline: Bool = false) -> Bool {
        // A scalar takes at most four bytes: an overlong text is refused before it is walked.
        guard utf8.count <= length.upperBound * 4 else { return false }
        var count = 0
        for scalar in unicodeScalars {
            count += 1
            switch scalar.value {
            case 0x09, 0x0a, 0x0d: guard multiline else { return false }
            case 0x00..<0x20, 0x7f..<0xa0: return false
            default: break
            }
        }
        return length.contains(count) && (length.lowerBound == 0 || !isBlank)
    }
}
