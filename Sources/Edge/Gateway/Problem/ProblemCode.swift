import HTTPTypes

/// What can be refused, with the status and the words that go with it. This is the one place where a status is decided.
///
/// The raw value is the stable `code` of the problem documents: clients branch on it, so it never changes its meaning.
public enum ProblemCode: String, CaseIterable, Sendable {
    // The request itself.
    case malformedRequest = "malformed_request"
    case malformedJSON = "malformed_json"
    case invalidFields = "invalid_fields"
    case bodyTooLarge = "body_too_large"
    case targetTooLong = "target_too_long"
    case headersTooLarge = "headers_too_large"
    case unsupportedMediaType = "unsupported_media_type"
    case notFound = "not_found"
    case methodNotAllowed = "method_not_allowed"
    case requestTimeout = "request_timeout"
    case notImplemented = "not_implemented"
    case versionMismatch = "version_mismatch"
    case preconditionRequired = "precondition_required"

    // Who asks.
    case authenticationRequired = "authentication_required"
    case invalidToken = "invalid_token"
    case expiredToken = "expired_token"
    case invalidCredentials = "invalid_credentials"
    case logInBlocked = "log_in_blocked"
    case invalidRefreshToken = "invalid_refresh_token"
    case forbidden = "forbidden"
    case emailTaken = "email_taken"

    // How often and how much.
    case rateLimited = "rate_limited"
    case overloaded = "overloaded"
    case storageFull = "storage_full"
    case timeLimitExceeded = "time_limit_exceeded"
    case outcomeUnknown = "outcome_unknown"
    case notReady = "not_ready"
    case noLeader = "no_leader"
    case upgrading = "upgrading"
    case shuttingDown = "shutting_down"
    case internalError = "internal_error"

    // Idempotency.
    case idempotencyKeyRequired = "idempotency_key_required"
    case idempotencyKeyInvalid = "idempotency_key_invalid"
    case idempotencyKeyReused = "idempotency_key_reused"
    case idempotencyConflict = "idempotency_conflict"

    // Commerce.
    case insufficientStock = "insufficient_stock"
    case stockChanged = "stock_changed"
    case priceChanged = "price_changed"
    case productNotSold = "product_not_sold"
    case skuTaken = "sku_taken"
    case skuInStock = "sku_in_stock"
    case alreadyExists = "already_exists"
    case conflict = "conflict"
    case illegalTransition = "illegal_transition"
    case amountOutOfRange = "amount_out_of_range"
    case paymentDeclined = "payment_declined"
    case paymentUnavailable = "payment_unavailable"
    case refundTooLarge = "refund_too_large"
    case undecidedOrders = "undecided_orders"
    case positionExpired = "position_expired"

    public var status: HTTPResponse.Status { row.status }

    /// What happened, the same for every occurrence.
    public var title: String { row.title }

    /// A URI reference that names the kind of problem; it answers with a description.
    public var type: String { Self.typePrefix + rawValue }

    static let typePrefix = "/problems/"

    private var row: (status: HTTPResponse.Status, title: String) {
        switch self {
        case .malformedRequest: (.badRequest, "The request is not well-formed HTTP.")
        case .malformedJSON: (.badRequest, "The body is not JSON that is accepted here.")
        case .invalidFields: (.unprocessableContent, "Some fields are missing, unknown or out of range.")
        case .bodyTooLarge: (.contentTooLarge, "The body is larger than this route takes.")
        case .targetTooLong: (.uriTooLong, "The address of the request is too long.")
        case .headersTooLarge: (.requestHeaderFieldsTooLarge, "The header fields are too many or too large.")
        case .unsupportedMediaType: (.unsupportedMediaType, "The body is not of a type or coding that is taken here.")
        case .notFound: (.notFound, "There is nothing here.")
        case .methodNotAllowed: (.methodNotAllowed, "This method is not allowed here.")
        case .requestTimeout: (.requestTimeout, "The request took too long to arrive.")
        case .notImplemented: (.notImplemented, "The request asks for what this server does not do.")
        case .versionMismatch: (.preconditionFailed, "It has changed since the version that was named.")
        case .preconditionRequired:
            (.preconditionRequired, "This request needs an If-Match or If-None-Match header field.")
        case .authenticationRequired: (.unauthorized, "An access token is required.")
        case .invalidToken: (.unauthorized, "The access token is not valid.")
        case .expiredToken: (.unauthorized, "The access token has expired.")
        case .invalidCredentials: (.unauthorized, "The email address or the password is wrong.")
        case .logInBlocked:
            (
                .forbidden,
                "Too many wrong passwords in a row: log in from where you have been before, or ask the shop."
            )
        case .invalidRefreshToken: (.unauthorized, "The refresh token is not valid.")
        case .forbidden: (.forbidden, "This credential does not allow that.")
        case .emailTaken: (.conflict, "An account with this email address exists.")
        case .rateLimited: (.tooManyRequests, "Too many requests in too short a time.")
        case .overloaded: (.serviceUnavailable, "The server is busy; nothing was done.")
        case .storageFull: (.serviceUnavailable, "The server's disk is full; nothing was done.")
        case .timeLimitExceeded: (.serviceUnavailable, "The answer took too long; what was asked may still happen.")
        case .outcomeUnknown: (.serviceUnavailable, "Whether it was done is not known; ask again under the same key.")
        case .notReady: (.serviceUnavailable, "The server is not ready yet.")
        case .upgrading: (.serviceUnavailable, "Not before every node of the cluster runs the new program.")
        case .noLeader:
            (
                .serviceUnavailable,
                "No leader can be reached at the moment; nothing was done. Ask again."
            )
        case .shuttingDown: (.serviceUnavailable, "The server is shutting down; nothing was done.")
        case .internalError: (.internalServerError, "Something went wrong on our side.")
        case .idempotencyKeyRequired: (.badRequest, "This request needs an Idempotency-Key header field.")
        case .idempotencyKeyInvalid: (.badRequest, "The Idempotency-Key is not valid.")
        case .idempotencyKeyReused: (.unprocessableContent, "The Idempotency-Key was used with another request.")
        case .idempotencyConflict: (.conflict, "A request with this Idempotency-Key is still running.")
        case .insufficientStock: (.conflict, "There is too little stock.")
        case .stockChanged: (.conflict, "The stock is not what was expected.")
        case .priceChanged: (.conflict, "The price is not what was expected.")
        case .productNotSold: (.conflict, "A product is not for sale.")
        case .skuTaken: (.conflict, "A variant with this SKU exists.")
        case .skuInStock: (.conflict, "The SKU belongs to no product, and there is stock of it.")
        case .alreadyExists: (.conflict, "It exists already.")
        case .conflict: (.conflict, "The request conflicts with the current state.")
        case .illegalTransition: (.conflict, "The current state does not allow that.")
        case .amountOutOfRange: (.unprocessableContent, "An amount is larger than can be handled.")
        case .paymentDeclined: (.init(code: 402, reasonPhrase: "Payment Required"), "The payment was declined.")
        case .paymentUnavailable: (.serviceUnavailable, "No payment can be taken at the moment; nothing was charged.")
        case .refundTooLarge: (.unprocessableContent, "A refund is larger than what is left to be refunded.")
        case .undecidedOrders:
            (.tooManyRequests, "Too many orders of this customer wait for their payment; nothing was ordered.")
        case .positionExpired: (.gone, "The position is older than what is kept, or of another shop.")
        }
    }
}
