/// One field of a request that was refused.
public struct FieldError: Error, Equatable, Sendable {
    /// Where it stands: RFC 6901 into the body (`/items/0/sku`), or `/query/limit` for a query parameter.
    public let pointer: String
    /// What is wrong with it, for people.
    public let detail: String

    public init(pointer: String, detail: String) {
        self.pointer = pointer
        self.detail = detail
    }
}
