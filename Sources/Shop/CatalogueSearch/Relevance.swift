import GRDB
import GRDBSQLite

/// The score of a product for words: BM25F with fixed statistics.
///
/// Unlike FTS5's own `bm25`, it depends on nothing but the product's texts and the words asked for: a change to other
/// products moves no score, so a page that begins behind a score neither repeats nor skips a product that stayed as it
/// was. Rarity of words is left out; with every word required it would order little. How often a word occurs within one
/// text is left out too: repetition is no merit in a product.
///
/// After S. Robertson and H. Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009, section 3.6.
enum Relevance {
    /// How a phrase stands for the word that was typed, and what that is worth.
    enum Phrase: UInt8 {
        case exact, prefix, typo, stem, joined, part

        var worth: Double {
            switch self {
            case .exact: 1
            case .joined: 0.9
            case .stem: 0.8
            case .part: 0.7
            case .prefix: 0.6
            case .typo: 0.3
            }
        }
    }

    /// What a column is worth, and how many words it usually has.
    private static func column(_ column: Int) -> (weight: Double, usualLength: Double) {
        switch column {
        case 0: (10, 6)  // title
        case 1: (6, 2)  // brand
        case 2: (4, 3)  // category
        case 3: (2, 8)  // attributes
        // One SKU of many says as much as the only one.
        case 5: (20, .infinity)  // SKUs
        default: (1, 40)  // description
        }
    }

    /// BM25's usual constants.
    private static let saturation = 1.2
    private static let lengthShare = 0.75
    /// Scores are whole numbers, so that a cursor says exactly which.
    private static let scale = 1_000_000.0

    /// The name in SQL: `relevance(table, codes)`.
    static let functionName = "relevance"

    /// Two characters for each phrase of an expression: the place of its word, and what kind of phrase it is.
    static func code(word place: Int, _ phrase: Phrase) -> String {
        String(decoding: [UInt8(ascii: "A") + UInt8(place), UInt8(ascii: "0") + phrase.rawValue], as: UTF8.self)
    }

    static func register(in db: Database) throws {
        let api = UnsafeMutablePointer(mutating: FTS5.api(db))
        let code = api.pointee.xCreateFunction(api, functionName, nil, score, nil)
        guard code == SQLITE_OK else { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
    }

    /// Adds up, over the words, the best of each word's phrases.
    private static let score: fts5_extension_function = { api, match, context, count, values in
        guard let api = api?.pointee, count == 1, let codes = sqlite3_value_text(values![0]),
            sqlite3_value_bytes(values![0]) == 2 * api.xPhraseCount(match)
        else { return sqlite3_result_error(context, "relevance(table, codes): two characters for each phrase", -1) }
        var sum = 0.0
        var best = 0.0
        for phrase in 0..<api.xPhraseCount(match) {
            let code = 2 * Int(phrase)
            if code > 0, codes[code] != codes[code - 2] {
                sum += best
                best = 0
            }
            guard let kind = Phrase(rawValue: codes[code + 1] &- UInt8(ascii: "0")) else { continue }
            var iterator = Fts5PhraseIter()
            var index: CInt = -1
            var score = 0.0
            let found = api.xPhraseFirstColumn(match, phrase, &iterator, &index)
            guard found == SQLITE_OK else { return sqlite3_result_error_code(context, found) }
            while index >= 0 {
                var length: CInt = 0
                let measured = api.xColumnSize(match, index, &length)
                guard measured == SQLITE_OK else { return sqlite3_result_error_code(context, measured) }
                let (weight, usualLength) = column(Int(index))
                let relative = 1 - lengthShare + lengthShare * Double(length) / usualLength
                score += weight * (saturation + 1) / (1 + saturation * relative)
                api.xPhraseNextColumn(match, &iterator, &index)
            }
            best = max(best, score * kind.worth)
        }
        sqlite3_result_int64(context, Int64((sum + best) * scale))
    }
}
