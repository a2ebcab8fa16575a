import HTTPTypes
import NIOHTTP1

extension HTTPRequest {
    /// A request as the parser found it; its Host, which has been looked at, is the authority.
    ///
    /// - Returns: nil where its method is no token.
    init?(_ head: HTTPRequestHead, _ names: inout FieldNames) {
        guard let method = Method(head.method) else { return nil }
        var authority: String?
        var fields = HTTPFields()
        fields.reserveCapacity(head.headers.count)
        for (place, (name, value)) in head.headers.enumerated() {
            guard let name = names.name(name, at: place) else { continue }
            if authority == nil, name.canonicalName == "host" {
                authority = value
            } else {
                fields.append(HTTPField(name: name, value: value))
            }
        }
        self.init(
            method: method, scheme: "http", authority: authority, path: Self.path(of: head.uri), headerFields: fields)
    }

    /// The path and query of a target, which may come in absolute form (RFC 9112, section 3.2.2).
    private static func path(of target: String) -> String {
        guard target.utf8.first != UInt8(ascii: "/"), let scheme = target.firstRange(of: "://") else { return target }
        let path = target[scheme.upperBound...].drop { $0 != "/" && $0 != "?" && $0 != "#" }.prefix { $0 != "#" }
        return path.first == "/" ? String(path) : "/" + path
    }
}

extension HTTPRequest.Method {
    fileprivate init?(_ method: HTTPMethod) {
        switch method {
        case .GET: self = .get
        case .HEAD: self = .head
        case .POST: self = .post
        case .PUT: self = .put
        case .PATCH: self = .patch
        case .DELETE: self = .delete
        case .OPTIONS: self = .options
        default: self.init(method.rawValue)
        }
    }
}

/// The names of a connection's header fields. A client sends the same ones, in the same order, again and again.
struct FieldNames {
    private static let countMax = 32
    private var names: [HTTPField.Name] = []

    /// - Parameter place: where the field stands among those of its request.
    /// - Returns: nil for what is no token.
    mutating func name(_ text: String, at place: Int) -> HTTPField.Name? {
        if place < names.count, names[place].rawName == text { return names[place] }
        guard let name = HTTPField.Name(text) else { return nil }
        if place < names.count {
            names[place] = name
        } else if place == names.count, place < Self.countMax {
            names.append(name)
        }
        return name
    }
}
