import Commerce
import Foundation

/// Which passwords are taken: long enough, and none that a stranger tries first. There is no rule beyond that
/// (NIST SP 800-63B-4, section 3.1.1.2).
public struct PasswordPolicy: Sendable {
    /// Characters of the shortest password that is taken where nothing else is set. A password is the only factor here.
    public static let lengthMinDefault = 15
    /// What the shortest password may be set to.
    public static let lengthMinRange = 8...64
    /// Characters of the longest; the standard asks for 64 at least.
    public static let lengthMax = 128
    /// A character may have many bytes; the work of a hash must not grow with what a stranger sends.
    public static let bytesMax = 512
    /// A password that is made of so few parts, each a character or something that is tried first, is refused.
    static let partsMax = 3
    /// The shop's own name, with which its customers' passwords begin.
    private static let shopName = "cloudretail"

    public let lengthMin: Int

    public init(lengthMin: Int = PasswordPolicy.lengthMinDefault) {
        precondition(Self.lengthMinRange.contains(lengthMin), "the shortest password has a length within the range")
        self.lengthMin = lengthMin
    }

    /// What is wrong with a new password; nil when nothing is.
    ///
    /// Every Unicode character counts as one, in the composed form that is hashed. Blanks are characters like others,
    /// but those that follow one another count once.
    ///
    /// - Parameter email: of the account, whose words the password may not be made of.
    public func refusal(of password: String, for email: EmailAddress?) -> String? {
        let text = password.precomposedStringWithCanonicalMapping
        let characters = Array(text.unicodeScalars)
        guard Self.countingBlanksOnce(characters) >= lengthMin, characters.count <= Self.lengthMax,
            text.utf8.count <= Self.bytesMax
        else { return "must have \(lengthMin) to \(Self.lengthMax) characters; blanks in a row count as one" }
        let guess = PasswordGuess(text)
        guard guess.partCount() > Self.partsMax else {
            return "is made of common passwords, sequences or repetitions, which are guessed first"
        }
        guard guess.partCount(knowing: Self.words(of: email)) > Self.partsMax else {
            return "is made of the e-mail address or the shop's name, which are guessed first"
        }
        return nil
    }

    private static func countingBlanksOnce(_ characters: [Unicode.Scalar]) -> Int {
        var count = 0
        var isBehindBlank = false
        for character in characters {
            let isBlank = character.properties.isWhitespace
            if !(isBlank && isBehindBlank) { count += 1 }
            isBehindBlank = isBlank
        }
        return count
    }

    /// What a stranger who knows the account's address and the shop would try: the address, its parts, the shop's name.
    private static func words(of email: EmailAddress?) -> [String] {
        guard let email else { return [shopName] }
        let whole = email.description.lowercased()
        let halves = whole.split(separator: "@").map(String.init)
        let parts = whole.split { !$0.isLetter && !$0.isNumber }.map(String.init)
        return [shopName, whole] + halves + parts
    }

    /// The bytes that are hashed: NFC, so that one password typed on two keyboards is one (RFC 8265, section 4.2).
    static func bytes(of password: String) -> [UInt8] {
        [UInt8](password.precomposedStringWithCanonicalMapping.utf8)
    }
}
