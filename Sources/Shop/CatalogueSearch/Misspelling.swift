import GRDB

/// Finds the words of the catalogue that a shopper may have meant.
///
/// One typo is forgiven: a letter too many, too few, another, or two neighbours swapped (a Damerau-Levenshtein distance
/// of 1). A single such edit leaves either the first or the last half of the word as it was, so both are looked up.
enum Misspelling {
    /// Shorter words have too many neighbours.
    static let lettersMin = 4
    /// Longer ones are codes, not words; the catalogue's are not kept for this either.
    static let lettersMax = 40
    /// The best known are taken; each is another list to merge.
    static let alternativesMax = 8

    /// Whether a typo in the word is forgiven. Numbers and model names are meant as they are.
    static func isForgiven(in word: String) -> Bool {
        let letters = word.unicodeScalars
        return lettersMin...lettersMax ~= letters.count
            && !letters.contains { "0"..."9" ~= $0 || SearchText.isUnspaced($0) }
    }

    /// The words one typo away, those in most titles first.
    static func alternatives(to word: String, in db: Database) throws -> [String] {
        guard isForgiven(in: word) else { return [] }
        let letters = Array(word.unicodeScalars)
        let half = letters.count / 2
        let start = String(String.UnicodeScalarView(letters.prefix(half)))
        let end = String(String.UnicodeScalarView(letters.suffix(letters.count - half - 1).reversed()))
        let near = try Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT term, titles FROM word WHERE letters IN (?1 - 1, ?1, ?1 + 1)
                        AND term >= ?2 AND term < ?3
                    UNION SELECT term, titles FROM word WHERE letters IN (?1 - 1, ?1, ?1 + 1) AND reversed >= ?4 AND
                    reversed < ?5
                    """),
            arguments: [letters.count, start, start.prefixEnd, end, end.prefixEnd])
        var found: [(term: String, titles: Int64)] = []
        while let row = try near.next() {
            let term: String = try row.value(0)
            if term != word, isOneEdit(letters, Array(term.unicodeScalars)) { found.append((term, try row.value(1))) }
        }
        found.sort { ($1.titles, $0.term) < ($0.titles, $1.term) }
        return found.prefix(alternativesMax).map(\.term)
    }

    /// Whether at most one insertion, deletion, substitution or swap of neighbours makes one of the other.
    static func isOneEdit(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Bool {
        guard abs(left.count - right.count) <= 1 else { return false }
        let shorter = min(left.count, right.count)
        var start = 0
        while start < shorter, left[start] == right[start] { start += 1 }
        var end = 0
        while end < shorter - start, left[left.count - 1 - end] == right[right.count - 1 - end] { end += 1 }
        let leftRest = left[start..<left.count - end]
        let rightRest = right[start..<right.count - end]
        if leftRest.count <= 1 && rightRest.count <= 1 { return true }
        return leftRest.count == 2 && leftRest.elementsEqual(rightRest.reversed())
    }
}
