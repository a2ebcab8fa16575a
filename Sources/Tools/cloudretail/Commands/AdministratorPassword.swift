import ArgumentParser
import Commerce
import Foundation
import Gateway

/// The password of an administrator who is made before a node runs.
struct AdministratorPassword {
    let text: String

    /// - Parameters:
    ///   - file: what the file says; its first line is the password.
    ///   - lengthMin: what a flag says of the shortest password; else the environment does: a directory needs no other
    ///     of a node's settings.
    init(in file: String, for email: String, lengthMin: String? = nil) throws {
        let setting = NodeConfiguration.passwordLengthMin
        let length = lengthMin ?? ProcessInfo.processInfo.environment[setting.variable] ?? setting.fallback
        guard let characters = NodeConfiguration.passwordLength(length) else {
            throw NodeConfiguration.Invalid(setting: setting, value: length)
        }
        text = String(file.prefix { !$0.isNewline })
        if let refusal = PasswordPolicy(lengthMin: characters).refusal(of: text, for: EmailAddress(email)) {
            throw ValidationError("The password \(refusal).")
        }
    }
}
