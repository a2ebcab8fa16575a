/// Why the bytes of a request are refused before any route sees them.
struct RequestFault: Error, Equatable {
    let code: ProblemCode
    let detail: String?
    /// The methods that the path has, where the request's is none of them.
    let allow: String?

    init(_ code: ProblemCode, _ detail: String? = nil, allow: String? = nil) {
        self.code = code
        self.detail = detail
        self.allow = allow
    }

    var problem: Problem { Problem(code, detail, headers: allow.map { [.allow: $0] } ?? [:]) }

    init(notAllowedBut methods: String) { self.init(.methodNotAllowed, "Allowed are \(methods).", allow: methods) }

    static let hostMissing = RequestFault(.malformedRequest, "HTTP/1.1 needs a Host header field.")
    static let hostTwice = RequestFault(.malformedRequest, "There is more than one Host header field.")
    static let hostInvalid = RequestFault(.malformedRequest, "The Host header field names no host.")
    static let targetInvalid = RequestFault(.malformedRequest, "The request's target names no host, or a user.")
    static let codingOfHTTP10 = RequestFault(.malformedRequest, "HTTP/1.0 has no Transfer-Encoding.")
    static let chunkedWrongly = RequestFault(.malformedRequest, "A body is chunked once, and last.")
    static let codingUnknown = RequestFault(.notImplemented, "The only Transfer-Encoding taken is chunked.")
}

/// The host of a target in absolute form, `http://host/path`, which counts instead of the field (RFC 9112, section
/// 3.2.2). A user in it is taken for an attempt to look like another host (RFC 9110, section 4.2.4).
enum TargetAuthority {
    static func fault(in target: String) -> RequestFault? {
        guard target.utf8.first != UInt8(ascii: "/"), let scheme = target.firstRange(of: "://") else { return nil }
        let authority = target[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        return HostField.isValid(String(authority)) ? nil : .targetInvalid
    }
}

/// The value of `Host`: `uri-host [ ":" port ]` of RFC 3986, section 3.2.2.
enum HostField {
    /// An empty host is none: no `http` URI has one (RFC 9110, section 4.2.1).
    static func isValid(_ value: String) -> Bool {
        var rest = Substring(value).utf8
        if rest.first == UInt8(ascii: "[") {
            guard let end = rest.firstIndex(of: UInt8(ascii: "]")) else { return false }
            let address = rest[rest.index(after: rest.startIndex)..<end]
            guard !address.isEmpty, address.allSatisfy(isOfAddress) else { return false }
            rest = rest[rest.index(after: end)...]
        } else {
            let end = rest.firstIndex(of: UInt8(ascii: ":")) ?? rest.endIndex
            guard end > rest.startIndex, isName(rest[..<end]) else { return false }
            rest = rest[end...]
        }
        guard let colon = rest.popFirst() else { return true }
        return colon == UInt8(ascii: ":") && rest.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    private static func isOfAddress(_ byte: UInt8) -> Bool {
        JSONString.hexadecimalDigit(byte) != nil || byte == UInt8(ascii: ":") || byte == UInt8(ascii: ".")
    }

    private static func isName(_ name: Substring.UTF8View) -> Bool {
        var digitsDue = 0
        for byte in name {
            if digitsDue > 0 {
                guard JSONString.hexadecimalDigit(byte) != nil else { return false }
                digitsDue -= 1
            } else if byte == UInt8(ascii: "%") {
                digitsDue = 2
            } else {
                guard isOfName(byte) else { return false }
            }
        }
        return digitsDue == 0
    }

    /// Unreserved characters and sub-delimiters.
    private static func isOfName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"), UInt8(ascii: "!"), UInt8(ascii: "$"), UInt8(ascii: "&")...UInt8(ascii: ","),
            UInt8(ascii: ";"), UInt8(ascii: "="):
            true
        default: false
        }
    }
}
