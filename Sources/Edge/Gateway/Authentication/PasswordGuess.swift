import Foundation

/// A password as it looks to a stranger who guesses: the fewest parts that it is made of, each a single character or
/// something that is tried first, such as a common password, a row of the keyboard, or the same again.
struct PasswordGuess {
    /// Neither case nor compatibility forms make a guess harder.
    private let characters: [Unicode.Scalar]

    /// Shorter words, runs and sequences are no better than their characters.
    private static let lengthMin = 3

    init(_ password: String) {
        characters = Array(password.precomposedStringWithCompatibilityMapping.lowercased().unicodeScalars)
    }

    private init(_ characters: some Sequence<Unicode.Scalar>) { self.characters = Array(characters) }

    /// - Parameter words: what else is tried first, in lower case.
    func partCount(knowing words: [String] = []) -> Int {
        if let period = repeatedLength {
            return PasswordGuess(characters.prefix(period)).partCount(knowing: words) + 1
        }
        let known = Set(words.filter { $0.unicodeScalars.count >= Self.lengthMin })
        let lengthMax = max(CommonPasswords.lengthMax, known.map(\.unicodeScalars.count).max() ?? 0)
        // The fewest parts of each beginning of the password.
        var fewest = [0]
        for end in 1...max(characters.count, 1) where !characters.isEmpty {
            var least = fewest[end - 1] + 1
            for start in max(0, end - lengthMax)..<max(0, end - Self.lengthMin + 1) where fewest[start] + 1 < least {
                let part = Self.text(characters[start..<end])
                if CommonPasswords.words.contains(part) || known.contains(part) { least = fewest[start] + 1 }
            }
            for start in Self.sequenceStarts(in: characters, upTo: end) { least = min(least, fewest[start] + 1) }
            fewest.append(least)
        }
        return fewest[characters.count]
    }

    private static func text(_ part: ArraySlice<Unicode.Scalar>) -> String {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: part)
        return String(text)
    }

    /// The length of what the whole password repeats at least twice; nil when it repeats nothing.
    private var repeatedLength: Int? {
        (1..<max(1, characters.count / 2 + 1)).first { length in
            characters.count >= 2 * length && zip(characters, characters.dropFirst(length)).allSatisfy { $0 == $1 }
        }
    }

    /// Where sequences begin that end at `end`: the same character again, or neighbours on a known row.
    private static func sequenceStarts(in characters: [Unicode.Scalar], upTo end: Int) -> [Int] {
        var starts: [Int] = []
        if let first = start(in: characters, upTo: end, joins: { $0 == $1 }) { starts.append(first) }
        for row in rows {
            if let first = start(in: characters, upTo: end, joins: { row[$0] == $1 }) { starts.append(first) }
        }
        return starts
    }

    /// The furthest start of a stretch of at least `lengthMin` characters of which each joins the next.
    private static func start(
        in characters: [Unicode.Scalar], upTo end: Int, joins: (Unicode.Scalar, Unicode.Scalar) -> Bool
    ) -> Int? {
        var start = end - 1
        while start > 0, joins(characters[start - 1], characters[start]) { start -= 1 }
        return end - start >= lengthMin ? start : nil
    }

    /// What follows each character on the rows that people type, forwards and backwards; rows of digits and letters
    /// begin anew at their ends.
    private static let rows: [[Unicode.Scalar: Unicode.Scalar]] =
        [
            "12345678901", "01234567890", "abcdefghijklmnopqrstuvwxyza", "qwertyuiopasdfghjklzxcvbnm",
            "qwertzuiopasdfghjklyxcvbnm", "azertyuiopqsdfghjklmwxcvbn", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./",
            "1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6u7i8o9p0", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/",
            "qazwsxedcrfvtgbyhnujmikolp", "!@#$%^&*()",
        ].flatMap(neighbours)

    /// What stands behind each character of a row, and what before it.
    private static func neighbours(on row: String) -> [[Unicode.Scalar: Unicode.Scalar]] {
        let characters = Array(row.unicodeScalars)
        let behind = Dictionary(zip(characters, characters.dropFirst())) { first, _ in first }
        let before = Dictionary(zip(characters.dropFirst(), characters)) { first, _ in first }
        return [behind, before]
    }
}

/// The passwords that strangers try first. The list and its licence are in `CommonPasswords.txt`.
enum CommonPasswords {
    static let words: Set<String> = {
        let lines = PackageResources.CommonPasswords_txt.split(separator: UInt8(ascii: "\n"))
        return Set(lines.lazy.filter { $0.first != UInt8(ascii: "#") }.map { String(decoding: $0, as: UTF8.self) })
    }()

    static let lengthMax = words.lazy.map(\.utf8.count).max() ?? 0
}
