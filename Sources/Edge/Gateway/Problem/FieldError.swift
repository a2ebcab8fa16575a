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

    /// The pointer, for people.
    var place: String { pointer.isEmpty ? "The body" : pointer }
}

extension Problem {
    /// The same problem of an element of a request, whose fields stand below `pointer`.
    func below(_ pointer: String) -> Problem {
        guard let first = errors.first else { return self }
        var problem = self
        if let detail, detail.hasPrefix(first.place) {
            problem.detail = pointer + first.pointer + detail.dropFirst(first.place.count)
        }
        problem.errors = errors.map { FieldError(pointer: pointer + $0.pointer, detail: $0.detail) }
        return problem
    }
}
