import HTTPTypes
import Steps

/// The header fields that the gateway looks at, found in one pass: each look-up by name is a pass of its own.
struct RequestFields {
    private(set) var authorization: String?
    private(set) var requestID: String?
    private(set) var traceparent: String?
    private(set) var origin: String?
    private(set) var forwardedFor: String?
    private(set) var forwardedProto: String?
    private(set) var forwarded: String?
    private(set) var hasIdempotencyKey = false
    private(set) var preconditions = Preconditions()
    /// Two of a field that may come once. Which one counts would be a guess.
    private(set) var isAmbiguous = false

    init(_ fields: HTTPFields) {
        for field in fields {
            switch field.name {
            case .authorization:
                isAmbiguous = isAmbiguous || authorization != nil
                authorization = field.value
            case .requestID: requestID = field.value
            case .traceparent: traceparent = field.value
            case .origin: origin = field.value
            case .idempotencyKey: hasIdempotencyKey = true
            case .forwardedFor: forwardedFor = forwardedFor.map { $0 + "," + field.value } ?? field.value
            case .forwardedProto: forwardedProto = forwardedProto.map { $0 + "," + field.value } ?? field.value
            case .forwarded: forwarded = forwarded.map { $0 + "," + field.value } ?? field.value
            case .ifMatch: preconditions.ifMatch = preconditions.ifMatch.map { $0 + "," + field.value } ?? field.value
            case .ifNoneMatch:
                preconditions.ifNoneMatch = preconditions.ifNoneMatch.map { $0 + "," + field.value } ?? field.value
            default: break
            }
        }
    }

    /// The token of `Authorization: Bearer`, empty where none follows; nil without the field or with another scheme.
    var bearerToken: String? {
        guard let authorization else { return nil }
        let scheme = authorization.prefix { $0 != " " }
        guard scheme.lowercased() == "bearer" else { return nil }
        return String(authorization[scheme.endIndex...].dropFirst())
    }
}
