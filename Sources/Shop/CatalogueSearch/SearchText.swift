import Foundation

/// Text as the search sees it: folded, and split into words.
///
/// Folding takes away what people leave out when they type: case, accents, the difference between `ß` and `ss`, `µ` and
/// `u`, `²` and `2`, full-width and half-width forms. The same is done to what is typed.
enum SearchText {
    struct Word: Equatable {
        var text: String
        /// Of a script that puts no spaces between its words, such as Han or Kana.
        var isUnspaced = false
        /// Nothing but punctuation stands between it and the word before, as in `Wi-Fi`.
        var isClose = false
    }

    /// The words of `text` in order.
    static func words(of text: String) -> [Word] {
        var splitter = Splitter()
        if text.utf8.allSatisfy({ $0 < 0x80 }) {
            for byte in text.utf8 { splitter.takeASCII(byte) }
        } else {
            for scalar in folded(text).unicodeScalars { splitter.take(scalar) }
        }
        splitter.endWord()
        return splitter.words
    }

    /// The words of `text`, one space between them: equal for texts that differ in case, accents and punctuation only.
    static func key(of text: String) -> String {
        var key = ""
        for word in words(of: text) where key.utf8.count < keyBytesMax {
            if !key.isEmpty { key += " " }
            key += word.text
        }
        return key.prefix(bytes: keyBytesMax)
    }

    /// Enough to order titles for people, little enough for a cursor in a URL.
    static let keyBytesMax = 120

    // MARK: - Folding

    /// The compatibility decomposition in lower case, without accents, composed again for the scripts that need it.
    private static func folded(_ text: String) -> String {
        var folded = String.UnicodeScalarView()
        // Signs whose letters are no part of the word before them.
        let spaced = text.replacing("\u{2122}", with: " ").replacing("\u{2120}", with: " ")
        for scalar in spaced.decomposedStringWithCompatibilityMapping.unicodeScalars {
            if isAccent(scalar) { continue }
            if scalar.isASCII {
                folded.append(scalar.properties.isUppercase ? Unicode.Scalar(scalar.value + 32)! : scalar)
                continue
            }
            for lower in scalar.properties.lowercaseMapping.unicodeScalars where !isAccent(lower) {
                if let letters = letters[lower] {
                    folded.append(contentsOf: letters.unicodeScalars)
                } else {
                    folded.append(lower)
                }
            }
        }
        return String(folded).precomposedStringWithCanonicalMapping
    }

    /// Marks that Latin, Greek, Cyrillic, Hebrew and Arabic put on a letter; vowel signs of other scripts are none.
    private static func isAccent(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x300...0x36f, 0x1ab0...0x1aff, 0x1dc0...0x1dff, 0x20d0...0x20ff, 0xfe20...0xfe2f, 0x591...0x5bd,
            0x64b...0x65f, 0x670, 0xfe00...0xfe0f:
            true
        default: false
        }
    }

    /// Letters that Unicode does not take apart.
    private static let letters: [Unicode.Scalar: String] = [
        "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "ħ": "h", "ı": "i",
        "ŋ": "n", "ŧ": "t", "ς": "σ",
    ]

    /// Scripts without spaces between words, and Hangul, whose particles are written on to the word.
    static func isUnspaced(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0xe00...0xeff, 0x1000...0x109f, 0x1100...0x11ff, 0x1780...0x17ff, 0x3005...0x3007, 0x3041...0x30ff,
            0x3100...0x312f, 0x3130...0x318f, 0x31f0...0x31ff, 0x3400...0x4dbf, 0x4e00...0x9fff, 0xac00...0xd7a3,
            0xf900...0xfaff, 0x20000...0x3ffff:
            true
        default: false
        }
    }

    // MARK: - Splitting

    private struct Splitter {
        var words: [Word] = []
        private var text = ""
        private var isUnspaced = false
        private var hasMu = false
        private var hasASCII = false
        private var isClose = false
        /// Punctuation since the last word.
        private var separators = 0

        /// More punctuation than this parts words.
        private static let separatorsMax = 2

        mutating func takeASCII(_ byte: UInt8) {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                add(Unicode.Scalar(byte), isUnspaced: false)
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): add(Unicode.Scalar(byte | 0x20), isUnspaced: false)
            default: separate(isBlank: byte <= 0x20)
            }
        }

        mutating func take(_ scalar: Unicode.Scalar) {
            if scalar.isASCII { return takeASCII(UInt8(scalar.value)) }
            switch scalar.properties.generalCategory {
            case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
                .letterNumber, .otherNumber, .nonspacingMark, .spacingMark, .privateUse:
                add(scalar, isUnspaced: SearchText.isUnspaced(scalar))
            case .spaceSeparator, .lineSeparator, .paragraphSeparator, .control: separate(isBlank: true)
            default: separate(isBlank: false)
            }
        }

        private mutating func add(_ scalar: Unicode.Scalar, isUnspaced: Bool) {
            if !text.isEmpty, isUnspaced != self.isUnspaced { endWord() }
            self.isUnspaced = isUnspaced
            if scalar.isASCII { hasASCII = true } else if scalar == "μ" { hasMu = true }
            text.unicodeScalars.append(scalar)
        }

        private mutating func separate(isBlank: Bool) {
            endWord()
            separators += 1
            if isBlank || separators > Self.separatorsMax { isClose = false }
        }

        mutating func endWord() {
            guard !text.isEmpty else { return }
            // Micro, and not a letter of a Greek word.
            if hasMu, hasASCII { text = text.replacing("μ", with: "u") }
            words.append(Word(text: text, isUnspaced: isUnspaced, isClose: isClose))
            text = ""
            hasMu = false
            hasASCII = false
            isClose = true
            separators = 0
        }
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
