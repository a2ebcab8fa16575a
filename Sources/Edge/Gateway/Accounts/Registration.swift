import Commerce
import HTTPTypes
import Hummingbird

/// The body of `POST /auth/register`. A role is not among its fields: no caller chooses their own.
struct Registration: Sendable {
    let email: EmailAddress
    let password: String
    let firstName: String
    let lastName: String

    /// - Parameter policy: which passwords are taken.
    static func decode(_ body: inout ObjectReader, _ policy: PasswordPolicy) -> Registration? {
        let email = body.email("email")
        let password = body.newPassword("password", for: email, policy)
        let firstName = body.optionalName("first_name", length: 0...Account.nameLengthMax) ?? ""
        let lastName = body.optionalName("last_name", length: 0...Account.nameLengthMax) ?? ""
        guard let email, let password else { return nil }
        return Registration(email: email, password: password, firstName: firstName, lastName: lastName)
    }

    /// What tells two requests under one idempotency key apart: everything but the password.
    var comparedBytes: [UInt8] {
        var json = JSONWriter()
        json.array { json in for text in [email.description, firstName, lastName] { json.value(text) } }
        return json.bytes
    }
}

extension ObjectReader {
    mutating func email(_ name: StaticString) -> EmailAddress? {
        value(name, length: 1...2 * EmailAddress.lengthMax, FieldForm.email) { EmailAddress($0) }
    }

    /// A password that a holder chooses for the account with this address.
    mutating func newPassword(
        _ name: StaticString, for email: EmailAddress?, _ policy: PasswordPolicy
    ) -> String? {
        guard let password = string(name) else { return nil }
        if let detail = policy.refusal(of: password, for: email) { return refuse(name, detail) }
        return password
    }
}

extension Request {
    /// The client's own name, for people who look at their sessions: printable, and cut to what a session keeps.
    var userAgentText: String {
        let scalars = (headers[.userAgent] ?? "").unicodeScalars.filter {
            $0.value >= 0x20 && !(0x7f..<0xa0).contains($0.value)
        }
        return String(String.UnicodeScalarView(scalars.prefix(Session.userAgentLengthMax)))
    }
}
