import Commerce
import Testing

@testable import Gateway

@Suite("Which passwords are taken")
struct PasswordPolicyTests {
    private static let email = EmailAddress("Ann.Miller@flowers.example")!
    private let policy = PasswordPolicy()

    /// So many characters that nobody guesses.
    private static func unguessable(_ count: Int) -> String {
        var generator = SystemRandomNumberGenerator()
        let letters = Array("kxjqzvwpyhbdfgmcrtl")
        return String((0..<count).map { $0 % 2 == 0 ? letters.randomElement(using: &generator)! : "éö7#"[$0 / 2 % 4] })
    }

    @Test(
        "long ones are, whatever they are made of",
        arguments: [
            "correct horse battery staple", "correct horse battery", "Fünf Igel im Garten",
            "パスワードを忘れないでください",
            "kx7#Lq2!vBn9@wPz", "only-for-this-test", "MTIzNDU2Nzg5MGFiY2Rl", "🐢🐇🐢🦔🐇🦊🐢🐻🐇🐼🐨🐯🦁🐮🐷",
        ])
    func taken(password: String) {
        #expect(policy.refusal(of: password, for: Self.email) == nil)
    }

    @Test(
        "those that are guessed first are not, however long",
        arguments: [
            "password", "12345678", "        ", "passwordpassword", "Password12345678", "PASSWORD PASSWORD",
            "123456789012345", "098765432109876", "aaaaaaaaaaaaaaaa", "abcdefghijklmnop", "qwertyuiopasdfghjkl",
            "1q2w3e4r5t6y7u8i9o0p", "1qaz2wsx3edc4rfv", "ababababababababab", "iloveyouiloveyou", "sunshinedragon123",
            "ｐａｓｓｗｏｒｄ１２３４５６７",
            "abcabcabcabcabcabc", "qwerty123456789012", "migrationschool", "                    ", "               a",
        ])
    func guessed(password: String) {
        #expect(policy.refusal(of: password, for: Self.email) != nil)
    }

    @Test(
        "those made of the address or of the shop's name are not",
        arguments: [
            "ann.miller@flowers.example", "ANN.MILLER@flowers.example", "ann.miller1234567", "cloudretail2345678",
            "CloudRetailCloudRetail", "flowers.example123", "MillerCloudretail",
        ])
    func ofTheContext(password: String) {
        #expect(policy.refusal(of: password, for: Self.email)?.contains("e-mail") == true)
    }

    @Test("every Unicode character counts as one, composed or not; blanks in a row count once")
    func counting() {
        #expect(policy.refusal(of: Self.unguessable(14), for: nil)?.contains("15 to 128") == true)
        #expect(policy.refusal(of: Self.unguessable(15), for: nil) == nil)
        #expect(policy.refusal(of: Self.unguessable(128), for: nil) == nil)
        #expect(policy.refusal(of: Self.unguessable(129), for: nil) != nil)
        // Fourteen letters, though each is two code points as it is typed.
        let accented = "aeioncrszlywug".map { "\($0)\u{301}" }.joined()
        #expect(accented.unicodeScalars.count == 28 && policy.refusal(of: accented, for: nil) != nil)
        #expect(policy.refusal(of: "my     blue     hat", for: nil) != nil)
        #expect(policy.refusal(of: "my blue hat hangs", for: nil) == nil)
        // At most 512 bytes are hashed, which 128 characters of any script fit.
        let animals = (0..<128).map { String(Character(Unicode.Scalar(UInt32(0x1f400 + $0 * 7 % 60))!)) }.joined()
        #expect(animals.utf8.count == 512 && policy.refusal(of: animals, for: nil) == nil)
        #expect(policy.refusal(of: String(repeating: "👨‍👩‍👧‍👦", count: 100), for: nil) != nil)
    }

    @Test("the shortest can be set, and what is guessed first is refused at every length")
    func shorter() {
        let policy = PasswordPolicy(lengthMin: 8)
        #expect(policy.refusal(of: "kx7#Lq2!", for: nil) == nil)
        #expect(policy.refusal(of: "kx7#Lq2", for: nil) != nil)
        for password in ["password", "12345678", "iloveyou", "qwertyui", "football1", "        ", "cloudretail"] {
            #expect(policy.refusal(of: password, for: nil) != nil, "\(password)")
        }
    }

    @Test("the list of common passwords states where it is from, and is read without its head")
    func list() {
        #expect(CommonPasswords.words.count > 10_000)
        #expect(CommonPasswords.words.contains("password") && !CommonPasswords.words.contains { $0.hasPrefix("# ") })
    }
}

extension String {
    fileprivate subscript(position: Int) -> Character { self[index(startIndex, offsetBy: position)] }
}
