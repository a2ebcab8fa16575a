/// The words that a shopper typed. Whatever the text was, they are words to the full-text index and never syntax.
struct SearchWords: Equatable {
    private let typed: [SearchText.Word]
    /// Words that may have been meant as one, by their places.
    private let joined: [Range<Int>]

    var words: [String] { typed.map(\.text) }

    /// No title is longer; a text of ten thousand bytes costs no more than one of these.
    static let bytesMax = 1_024
    /// Each word is another list to intersect.
    static let wordsMax = 12

    init(_ text: String) {
        let typed = Array(SearchText.words(of: text.prefix(bytes: Self.bytesMax)).prefix(Self.wordsMax))
        self.typed = typed
        joined = SearchTerms.joined(typed) + Self.neighbours(typed)
    }

    /// Words with a space between them.
    private static func neighbours(_ words: [SearchText.Word]) -> [Range<Int>] {
        words.indices.dropLast().map { $0..<$0 + 2 }.filter { run in
            let bytes = words[run].reduce(0) { $0 + $1.text.utf8.count }
            return !words[run.lowerBound + 1].isClose && bytes <= SearchTerms.joinedBytesMax
                && words[run].allSatisfy { !$0.isUnspaced }
        }
    }

    /// What the full-text index is asked, and what each of its phrases is, for `relevance`.
    struct Expression: Equatable {
        var match = ""
        var phrases = ""

        fileprivate mutating func add(_ match: String, _ kinds: [Relevance.Phrase], word place: Int) {
            self.match += (self.match.isEmpty || self.match.hasSuffix("(") ? "" : " OR ") + match
            for kind in kinds { phrases += Relevance.code(word: place, kind) }
        }

        fileprivate mutating func add(_ term: String, _ kind: Relevance.Phrase, word place: Int) {
            add("\"\(term)\"", [kind], word: place)
        }
    }

    /// Every word must occur: as it is, by its stem, run together with a neighbour, the last one as a beginning too; or
    /// as one of the `alternatives` for its place.
    func expression(alternatives: [[String]] = []) -> Expression {
        var expression = Expression()
        for place in typed.indices {
            let word = self.expression(of: place, alternatives: place < alternatives.count ? alternatives[place] : [])
            expression.match += (place == 0 ? "(" : " AND (") + word.match + ")"
            expression.phrases += word.phrases
        }
        return expression
    }

    /// What is asked for the word in one place.
    func expression(of place: Int, alternatives: [String] = []) -> Expression {
        var expression = Expression()
        let word = typed[place]
        let isLast = place == typed.count - 1
        if word.isUnspaced {
            expression.add(word.text, .exact, word: place)
            let parts = SearchTerms.parts(ofUnspaced: word.text)
            if !parts.isEmpty {
                let match = "(" + parts.map { "\"\($0)\"" }.joined(separator: " AND ") + ")"
                expression.add(match, parts.map { _ in .part }, word: place)
            }
        } else {
            add(word.text, .exact, isBeginning: isLast, word: place, to: &expression)
        }
        for run in joined where run.contains(place) {
            let text = SearchTerms.text(typed[run])
            add(text, .joined, isBeginning: run.upperBound == typed.count, word: place, to: &expression)
        }
        for alternative in alternatives { expression.add(alternative, .typo, word: place) }
        return expression
    }

    private func add(
        _ text: String, _ kind: Relevance.Phrase, isBeginning: Bool, word place: Int, to expression: inout Expression
    ) {
        expression.add(text, kind, word: place)
        if isBeginning, text.unicodeScalars.count >= IndexSchema.prefixLettersMin {
            expression.add("\"\(text)\" *", [.prefix], word: place)
        }
        let stem = Stem.of(text)
        if stem != text { expression.add(stem, .stem, word: place) }
        expression.add(SearchTerms.stem(text), .stem, word: place)
        expression.add(SearchTerms.pair(text), .joined, word: place)
    }
}
