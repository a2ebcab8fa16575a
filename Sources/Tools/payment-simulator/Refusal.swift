import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// Why a request was refused. Status and code are decided here and nowhere else.
enum Refusal: Error, Equatable {
    case malformed(String)
    case keyMissing
    case keyInvalid
    case bodyTooLarge
    case chargeNotFound
    case neverSeen
    case voided
    case chargeDeclined
    case keyReused
    case refundTooLarge
    case ledgerFull
    case fault
    case unauthorized
    case methodNotOwned

    private var answer: (status: HTTPResponse.Status, code: String, message: String) {
        switch self {
        case .malformed(let what): (.badRequest, "invalid_request", what)
        case .keyMissing: (.badRequest, "idempotency_key_missing", "Give an Idempotency-Key header.")
        case .keyInvalid:
            (.badRequest, "idempotency_key_invalid", "A key is 1 to \(Limits.keyLengthMax) visible ASCII characters.")
        case .bodyTooLarge: (.contentTooLarge, "body_too_large", "A body may hold \(Limits.bodyBytesMax) bytes.")
        case .chargeNotFound: (.notFound, "charge_not_found", "There is no such charge.")
        case .neverSeen: (.notFound, "never_seen", "No charge was ever asked for under this key.")
        case .voided: (.conflict, "voided", "This key was voided: no charge stands or will stand under it.")
        case .chargeDeclined: (.conflict, "charge_declined", "A declined charge has nothing to refund.")
        case .keyReused: (.unprocessableContent, "idempotency_key_reused", "This key was used with another request.")
        case .refundTooLarge: (.unprocessableContent, "amount_exceeds_charge", "The charge has less left to refund.")
        case .ledgerFull: (.serviceUnavailable, "ledger_full", "The ledger holds as many entries as it may.")
        case .unauthorized: (.unauthorized, "unauthorized", "Give the shop's key as Authorization: Bearer KEY.")
        case .methodNotOwned:
            (.unprocessableContent, "payment_method_not_owned", "The payment method is not this customer's.")
        case .fault: (.internalServerError, "fault", "A fault switch made this request fail.")
        }
    }
}

extension Refusal: HTTPResponseError {
    var status: HTTPResponse.Status { answer.status }

    func response(from request: Request, context: some RequestContext) throws -> Response {
        let (status, code, message) = answer
        return try json(["error": ["code": code, "message": message]], status: status)
    }
}

/// Bounds on what a caller may send.
enum Limits {
    /// Sixteen times the largest honest request.
    static let bodyBytesMax = 16 * 1_024
    /// As Stripe has it.
    static let keyLengthMax = 255
    /// An order id has 30 characters; others' may be longer.
    static let textLengthMax = 255
    /// A million million minor units: sums over a full ledger stay far from overflow of 64 bits.
    static let amountMax: Int64 = 1_000_000_000_000
    /// More than any node's pool of connections, and within the usual limit of 1,024 open files.
    static let connectionsMax = 900
}

/// A JSON answer with its keys in a fixed order.
func json(_ value: some Encodable, status: HTTPResponse.Status = .ok) throws -> Response {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return Response(
        status: status, headers: [.contentType: "application/json"],
        body: ResponseBody(byteBuffer: ByteBuffer(bytes: try encoder.encode(value))))
}
