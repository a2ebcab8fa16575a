import Foundation

/// Which passwords are taken: long enough, and no rule beyond that (NIST SP 800-63B, section 3.1.1.2).
public enum PasswordPolicy {
    public static let lengthRange = 8...128
    /// A character may have many bytes; the work of a hash must not grow with what a stranger sends.
    public static let bytesMax = 512

    /// What is wrong with a new password; nil when nothing is.
    public static func refusal(of password: String) -> String? {
        guard lengthRange.contains(password.unicodeScalars.count), password.utf8.count <= bytesMax else {
            return "must have \(lengthRange.lowerBound) to \(lengthRange.upperBound) characters"
        }
        return nil
    }

    /// The bytes that are hashed: NFC, so that one password typed on two keyboards is one (RFC 8265, section 4.2).
    static func bytes(of password: String) -> [UInt8] {
        [UInt8](password.precomposedStringWithCanonicalMapping.utf8)
    }
}
