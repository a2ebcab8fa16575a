/// What a word and its English plural have in common: `kniv` of knife and knives, `berry` of berry and berries.
///
/// No word for people: it only has to be the same for both, and seldom the same for others.
enum Stem {
    private static let irregular: [String: String] = [
        "children": "child", "feet": "foot", "geese": "goose", "gentlemen": "gentleman", "lice": "louse", "men": "man",
        "mice": "mouse", "oxen": "ox", "people": "person", "teeth": "tooth", "women": "woman", "gateaux": "gateau",
    ]

    /// Shorter words have no plural worth the confusion.
    private static let lettersMin = 3

    /// The stem of a folded word; the word itself when it has digits or letters beyond ASCII.
    static func of(_ word: String) -> String {
        var letters = Array((irregular[word] ?? word).utf8)
        guard letters.count >= lettersMin, letters.allSatisfy({ (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) })
        else { return word }
        dropPlural(&letters)
        if letters.hasSuffix("ie") {
            letters.removeLast(2)
            letters.append(UInt8(ascii: "y"))
        } else if letters.count > lettersMin, letters.last == UInt8(ascii: "e") {
            letters.removeLast()
        }
        // The `s` of lens and of lense-s.
        dropPlural(&letters)
        if letters.count >= lettersMin, letters.last == UInt8(ascii: "f"), !letters.hasSuffix("ff") {
            letters[letters.count - 1] = UInt8(ascii: "v")
        }
        return String(decoding: letters, as: UTF8.self)
    }

    private static func dropPlural(_ letters: inout [UInt8]) {
        guard letters.count > lettersMin, letters.last == UInt8(ascii: "s"), !letters.hasSuffix("ss"),
            !letters.hasSuffix("us")
        else { return }
        letters.removeLast()
    }
}

extension [UInt8] {
    fileprivate func hasSuffix(_ suffix: StaticString) -> Bool {
        suffix.withUTF8Buffer { suffix in count >= suffix.count && self.suffix(suffix.count).elementsEqual(suffix) }
    }
}
