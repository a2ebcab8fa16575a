import HTTPTypes
import Hummingbird

/// An entity tag made of an aggregate's version, as in RFC 9110, section 8.8.3.
struct ETag: Sendable {
    let version: UInt64

    var headers: HTTPFields { [.eTag: "\"\(version)\""] }

    /// Whether the client has this version: `If-None-Match` names it, or is `*`.
    func isCurrent(for request: Request) -> Bool {
        guard let given = request.headers[.ifNoneMatch] else { return false }
        return Self.tags(given).contains { $0 == "*" || $0 == "\"\(version)\"" || $0 == "W/\"\(version)\"" }
    }

    var notModified: Response { Response(status: .notModified, headers: headers) }

    /// The version that `If-Match` demands; nil when any will do.
    static func ifMatch(_ request: Request) throws(Problem) -> UInt64? {
        guard let given = request.headers[.ifMatch], given != "*" else { return nil }
        guard given.count > 2, given.first == "\"", given.last == "\"", let version = UInt64(given.dropFirst().dropLast()) else {
            throw Problem(.versionMismatch, "If-Match takes one entity tag as this route gives them.")
        }
        return version
    }

    private static func tags(_ field: String) -> [Substring] {
        field.split(separator: ",").map { $0.drop { $0 == " " || $0 == "\t" } }
    }
}
