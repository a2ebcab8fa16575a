import GRDB
import GRDBSQLite

/// Splits text into folded words exactly as the full-text index does.
///
/// Belongs to one connection, and lives no longer than one access to it.
struct WordSplitter {
    private let tokenizer: any FTS5Tokenizer

    init(_ db: Database) throws {
        tokenizer = try db.makeTokenizer(.unicode61(diacritics: .remove))
    }

    /// The words of `text` in order, in lower case and without accents.
    func words(of text: String) throws -> [String] {
        var words: [String] = []
        var text = text
        try text.withUTF8 { bytes in
            guard !bytes.isEmpty else { return }
            let code = bytes.withMemoryRebound(to: CChar.self) { characters in
                withUnsafeMutablePointer(to: &words) { words in
                    tokenizer.tokenize(
                        context: words, tokenization: .document, pText: characters.baseAddress,
                        nText: CInt(characters.count)
                    ) { context, _, token, count, _, _ in
                        let words = context!.assumingMemoryBound(to: [String].self)
                        let bytes = UnsafeRawBufferPointer(start: token, count: Int(count))
                        words.pointee.append(String(decoding: bytes, as: UTF8.self))
                        return SQLITE_OK
                    }
                }
            }
            guard code == SQLITE_OK else { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
        }
        return words
    }

    /// The words of `text`, one space between them: equal for texts that differ in case, accents and punctuation only.
    func key(of text: String) throws -> String {
        var key = ""
        for word in try words(of: text) where key.utf8.count < Self.keyBytesMax {
            if !key.isEmpty { key += " " }
            key += word
        }
        return key.prefix(bytes: Self.keyBytesMax)
    }

    /// Enough to order titles for people, little enough for a cursor in a URL.
    static let keyBytesMax = 120
}

/// The words that somebody typed. Whatever the text was, they are words to the full-text index and never syntax.
struct SearchWords: Equatable {
    let words: [String]

    /// No title is longer; a text of ten thousand bytes costs no more than one of these.
    static let bytesMax = 1_024
    /// Each word is another list to intersect.
    static let wordsMax = 12

    init(_ text: String, by splitter: WordSplitter) throws {
        words = try splitter.words(of: text.prefix(bytes: Self.bytesMax)).prefix(Self.wordsMax)
            // A word that the index would split again is no phrase of one word, and an error to it.
            .filter { try splitter.words(of: $0) == [$0] }
    }

    /// What the full-text index is asked, and what each of its phrases is, for `relevance`.
    struct Expression: Equatable {
        var match = ""
        var phrases = ""
    }

    /// Every word must occur: as it is, the last one as a beginning too, or as one of the `alternatives` for its place.
    func expression(alternatives: [[String]] = []) -> Expression {
        var expression = Expression()
        for (place, word) in words.enumerated() {
            var phrases = ["\"\(word)\""]
            expression.phrases += Relevance.code(word: place, .exact)
            if place == words.count - 1, word.unicodeScalars.count >= IndexSchema.prefixLettersMin {
                phrases.append("\"\(word)\" *")
                expression.phrases += Relevance.code(word: place, .prefix)
            }
            for alternative in place < alternatives.count ? alternatives[place] : [] {
                phrases.append("\"\(alternative)\"")
                expression.phrases += Relevance.code(word: place, .typo)
            }
            expression.match += (place == 0 ? "(" : " AND (") + phrases.joined(separator: " OR ") + ")"
        }
        return expression
    }
}

extension String {
    /// The longest beginning of whole scalars that takes at most `count` bytes.
    func prefix(bytes count: Int) -> String {
        guard utf8.count > count else { return self }
        var end = utf8.index(startIndex, offsetBy: count)
        while UTF8.isContinuation(utf8[end]) { utf8.formIndex(before: &end) }
        return String(self[..<end])
    }
}
