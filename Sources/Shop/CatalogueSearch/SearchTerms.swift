/// The terms under which the words of a text are kept in the full-text index, and asked for.
///
/// | term | stands for |
/// |---|---|
/// | `wifi` | a word, or words that only punctuation parts, run together: of `Wi-Fi` there are `wi`, `fi` and `wifi` |
/// | `=kniv` | a word by its stem, when that is another text |
/// | `+wifi` | the stem of two words of a short text, run together: of `Wi Fi` |
/// | `本茶` | two neighbours in a script without spaces; each alone too |
///
/// The marks keep what is made up out of the way of what is typed, the beginning of a word above all.
enum SearchTerms {
    /// Longer texts are prose: of their neighbours only a number and its unit are run together.
    private static let shortTextWordsMax = 40
    /// A pair of words that people may write as one.
    private static let pairBytesMax = 16
    private static let unitBytesMax = 3
    /// Words run together where punctuation parts them: the parts of a SKU.
    private static let joinedMax = 6
    /// Longer words are codes that no shopper types in parts.
    static let joinedBytesMax = 40

    static func stem(_ word: String) -> String { "=" + Stem.of(word) }
    static func pair(_ word: String) -> String { "+" + Stem.of(word) }

    /// Hands every term of the words to `take`, with whether it is a word of its own and not another form of one.
    static func index(_ words: [SearchText.Word], _ take: (_ term: String, _ isWord: Bool) -> Bool) -> Bool {
        for place in words.indices {
            let word = words[place]
            if word.isUnspaced {
                guard take(word.text, true), neighbours(in: word.text, take) else { return false }
                if place > 0, words[place - 1].isUnspaced, let last = words[place - 1].text.unicodeScalars.last,
                    let first = word.text.unicodeScalars.first
                {
                    guard take(text([last, first]), false) else { return false }
                }
                continue
            }
            guard form(word.text, isWord: true, take) else { return false }
            if place + 1 < words.count, isPair(word, words[place + 1], inShort: words.count <= shortTextWordsMax) {
                let stem = Stem.of(word.text + words[place + 1].text)
                // A lone letter that reads as an ending makes no other word.
                guard stem == Stem.of(word.text) || take("+" + stem, false) else { return false }
            }
        }
        for run in joined(words) {
            guard form(text(words[run]), isWord: false, take) else { return false }
        }
        return true
    }

    private static func form(_ word: String, isWord: Bool, _ take: (String, Bool) -> Bool) -> Bool {
        guard take(word, isWord) else { return false }
        let stem = Stem.of(word)
        return stem == word || take("=" + stem, false)
    }

    private static func neighbours(in text: String, _ take: (String, Bool) -> Bool) -> Bool {
        let scalars = Array(text.unicodeScalars)
        guard scalars.count > 1 else { return true }
        for place in scalars.indices {
            guard take(self.text([scalars[place]]), false) else { return false }
            if scalars.count > 2, place > 0 {
                guard take(self.text([scalars[place - 1], scalars[place]]), false) else { return false }
            }
        }
        return true
    }

    private static func isPair(_ word: SearchText.Word, _ next: SearchText.Word, inShort: Bool) -> Bool {
        guard !next.isUnspaced, !next.isClose else { return false }
        let (first, second) = (word.text.utf8, next.text.utf8)
        if inShort, first.count + second.count <= pairBytesMax { return true }
        return second.count <= unitBytesMax && first.count <= pairBytesMax
            && first.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    /// The runs of two and more words that only punctuation parts.
    static func joined(_ words: [SearchText.Word]) -> [Range<Int>] {
        var runs: [Range<Int>] = []
        for start in words.indices where !words[start].isUnspaced {
            var bytes = words[start].text.utf8.count
            for end in (start + 1)..<max(start + 1, min(start + joinedMax, words.count)) {
                let word = words[end]
                bytes += word.text.utf8.count
                guard word.isClose, !word.isUnspaced, bytes <= joinedBytesMax else { break }
                runs.append(start..<end + 1)
            }
        }
        return runs
    }

    static func text(_ words: ArraySlice<SearchText.Word>) -> String { words.map(\.text).joined() }

    private static func text(_ scalars: [Unicode.Scalar]) -> String {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars)
        return String(text)
    }

    /// The terms that all stand in a text with this run of an unspaced script somewhere: its neighbours.
    static func parts(ofUnspaced run: String) -> [String] {
        let scalars = Array(run.unicodeScalars)
        guard scalars.count > 2 else { return [] }
        return (1..<min(scalars.count, partsMax + 1)).map { text([scalars[$0 - 1], scalars[$0]]) }
    }

    /// Enough to tell one run from another; each is a list to intersect.
    private static let partsMax = 8
}
