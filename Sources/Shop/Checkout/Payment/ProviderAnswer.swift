import Commerce
import Foundation

/// The JSON body of `POST /v1/charges`.
struct ChargeForm: Encodable {
    let orderID: String
    let customerID: String
    let amount: Int64
    let currency: String
    let paymentMethod: String

    private enum CodingKeys: String, CodingKey {
        case orderID = "order_id"
        case customerID = "customer_id"
        case amount
        case currency
        case paymentMethod = "payment_method"
    }
}

/// The JSON body of `POST /v1/refunds`.
struct RefundForm: Encodable {
    let chargeID: String
    let amount: Int64

    private enum CodingKeys: String, CodingKey {
        case chargeID = "charge_id"
        case amount
    }
}

struct RefundAnswer: Decodable {
    let id: String
}

/// What the provider sent back: a status and a body that may be anything.
struct ProviderAnswer: Sendable {
    let status: Int
    let body: Data

    /// The provider does not take our key.
    static let unauthorized = 401

    /// The provider's code, cut to what an order keeps of it.
    private static let codeLengthMax = 64

    private struct ChargeAnswer: Decodable {
        let id: String?
        let status: String
        let declineCode: String?

        enum CodingKeys: String, CodingKey {
            case id
            case status
            case declineCode = "decline_code"
        }
    }

    private struct ErrorAnswer: Decodable {
        struct Detail: Decodable { let code: String }
        let error: Detail
    }

    /// The code in the body of an error; nil when there is none.
    var errorCode: String? {
        (try? JSONDecoder().decode(ErrorAnswer.self, from: body))?.error.code
    }

    /// The body of an answer of success, as it came.
    ///
    /// - Throws: what an answer of any other kind means.
    func content() throws(PaymentFailure) -> Data {
        switch status {
        case 200..<300: return body
        // Too many requests, or a key that is none: refused at the door, as a connection is.
        case 429, Self.unauthorized: throw .unreachable
        case 409 where errorCode == "voided": throw .voided
        // Another request under the same key is still being worked on, or the provider gave up waiting for ours.
        case 408, 425, 500...: throw .unknown(.serverError(status: status))
        default: throw .rejected(status: status, code: Self.bounded(errorCode ?? "http_\(status)"))
        }
    }

    /// The body of an answer of success.
    ///
    /// - Throws: what an answer of any other kind means.
    func decoded<Form: Decodable>() throws(PaymentFailure) -> Form {
        let content = try content()
        do {
            return try JSONDecoder().decode(Form.self, from: content)
        } catch {
            throw .unknown(.malformedAnswer)
        }
    }

    /// What an answer about a charge says.
    func charge() throws(PaymentFailure) -> ChargeLookup {
        let answer: ChargeAnswer = try decoded()
        switch answer.status {
        case "succeeded":
            guard let charge = answer.id.flatMap(ChargeID.init) else { throw .unknown(.malformedAnswer) }
            return .succeeded(charge)
        case "declined": return .declined(code: Self.bounded(answer.declineCode ?? "declined"))
        case "voided": return .voided
        default: throw .unknown(.malformedAnswer)
        }
    }

    private static func bounded(_ code: String) -> String {
        String(
            code.unicodeScalars.filter { (0x20...0x7e).contains($0.value) }.prefix(codeLengthMax).map(Character.init))
    }
}
