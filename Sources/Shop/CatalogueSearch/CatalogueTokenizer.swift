import GRDB
import GRDBSQLite

/// Splits texts into the terms of the full-text index. What is asked for comes as single terms and stays as it is.
final class CatalogueTokenizer: FTS5CustomTokenizer {
    static let name = "catalogue"
    /// `FTS5_TOKEN_COLOCATED`: another form of the word before, which makes the text no longer.
    private static let colocated: CInt = 1

    init(db: Database, arguments: [String]) {}

    func tokenize(
        context: UnsafeMutableRawPointer?, tokenization: FTS5Tokenization, pText: UnsafePointer<CChar>?, nText: CInt,
        tokenCallback: @escaping FTS5TokenCallback
    ) -> CInt {
        guard let pText, nText > 0 else { return SQLITE_OK }
        if tokenization.contains(.query) { return tokenCallback(context, 0, pText, nText, 0, nText) }
        let bytes = UnsafeRawBufferPointer(start: pText, count: Int(nText))
        let words = SearchText.words(of: String(decoding: bytes, as: UTF8.self))
        var code = SQLITE_OK
        var isFirst = true
        _ = SearchTerms.index(words) { term, isWord in
            var term = term
            code = term.withUTF8 { bytes in
                bytes.withMemoryRebound(to: CChar.self) { characters in
                    tokenCallback(
                        context, isWord || isFirst ? 0 : Self.colocated, characters.baseAddress,
                        CInt(characters.count), 0, nText)
                }
            }
            isFirst = false
            return code == SQLITE_OK
        }
        return code
    }
}
