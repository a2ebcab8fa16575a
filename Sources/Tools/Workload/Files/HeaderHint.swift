/// What a file's author may have meant by a header without the columns that are asked for; for people.
struct HeaderHint: Equatable, CustomStringConvertible {
    let description: String

    /// Letters that may be wrong, missing or too many in a misspelt name.
    private static let misspeltMax = 2

    /// - Parameters:
    ///   - header: of the file.
    ///   - unknown: its names that mean nothing.
    ///   - missing: columns that it does not have, those that are required before others.
    init?(header: [String], unknown: [String], missing: [String]) {
        if header.count == 1, let separator = [";", "\t", "|"].first(where: { header[0].contains($0) }) {
            let name = separator == "\t" ? "tabs" : "\"\(separator)\""
            description = "fields are separated by commas, and these by \(name)"
            return
        }
        let guesses = unknown.compactMap { name in
            Self.nearest(to: name, among: missing).map { "\($0) for \(name)" }
        }
        guard !guesses.isEmpty else { return nil }
        description = "did you mean \(guesses.joined(separator: ", "))?"
    }

    private static func nearest(to name: String, among columns: [String]) -> String? {
        let letters = letters(of: name)
        let near = columns.map { (column: $0, distance: distance(letters, Self.letters(of: $0))) }
            .min { $0.distance < $1.distance }
        // Of a short name nothing would be left.
        guard let near, near.distance <= min(misspeltMax, letters.count / 2) else { return nil }
        return near.column
    }

    /// Case, blanks and signs between words are no difference.
    private static func letters(of name: String) -> [Character] {
        name.lowercased().filter { $0.isLetter || $0.isNumber }
    }

    /// How many letters have to be changed, added or taken away (Levenshtein's distance).
    private static func distance(_ a: [Character], _ b: [Character]) -> Int {
        var row = Array(0...b.count)
        for (i, x) in a.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, y) in b.enumerated() {
                let changed = diagonal + (x == y ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(changed, row[j] + 1, row[j + 1] + 1)
            }
        }
        return row[b.count]
    }
}
